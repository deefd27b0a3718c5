import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// An HTTP/1.1 server on loopback that misbehaves as it is told, and remembers every complete request.
final class RawServer: Sendable {
    /// A request as it came.
    struct Request: Sendable {
        var head: String
        var body: String

        /// The first line without the HTTP version.
        var target: String {
            String(head.prefix { $0 != "\r\n" }.split(separator: " ").prefix(2).joined(separator: " "))
        }

        func header(_ name: String) -> String? {
            head.split(separator: "\r\n").dropFirst().first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { String($0.drop { $0 != ":" }.dropFirst()).trimmingPrefix(while: { $0 == " " }) }.map(String.init)
        }
    }

    /// What is done with a request.
    enum Reaction: Sendable {
        /// These bytes are written.
        case answer(String)
        /// These bytes are written, then the connection is closed in an orderly way.
        case answerAndClose(String)
        /// The connection is reset.
        case reset
        /// Nothing, ever.
        case silence
    }

    /// What is done with a connection before anything is read from it.
    enum Welcome: Sendable {
        case read
        case reset
        /// These bytes are written as soon as anything came, then the connection is closed in an orderly way.
        case answerEarly(String)
    }

    /// How the server behaves.
    struct Script: Sendable {
        /// Told the number of the connection, from 1.
        var welcome: @Sendable (Int) -> Welcome = { _ in .read }
        var react: @Sendable (Request) -> Reaction
    }

    private struct State {
        var requests: [Request] = []
        var connections = 0
    }

    private let state = Mutex(State())
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let channel: Mutex<(any Channel)?> = Mutex(nil)
    private let script: Script

    /// Complete requests so far.
    var requests: [Request] { state.withLock(\.requests) }
    /// Connections accepted so far.
    var connections: Int { state.withLock(\.connections) }
    var port: Int { channel.withLock { $0?.localAddress?.port ?? 0 } }
    var url: String { "http://127.0.0.1:\(port)" }

    private init(script: Script) {
        self.script = script
    }

    /// Runs a server for as long as the body does.
    static func with<R>(
        host: String = "127.0.0.1",
        _ script: Script,
        _ body: (RawServer) async throws -> R
    ) async throws -> R {
        let server = RawServer(script: script)
        let channel = try await ServerBootstrap(group: server.group)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(server: server))
                }
            }
            .bind(host: host, port: 0).get()
        server.channel.withLock { $0 = channel }
        do {
            let result = try await body(server)
            try await server.group.shutdownGracefully()
            return result
        } catch {
            try await server.group.shutdownGracefully()
            throw error
        }
    }

    fileprivate func accepted() -> Welcome {
        script.welcome(
            state.withLock { state in
                state.connections += 1
                return state.connections
            }
        )
    }

    fileprivate func received(_ request: Request) -> Reaction {
        state.withLock { $0.requests.append(request) }
        return script.react(request)
    }
}

private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: RawServer
    private var received = ""
    private var earlyAnswer: String?

    init(server: RawServer) {
        self.server = server
    }

    func channelActive(context: ChannelHandlerContext) {
        switch server.accepted() {
        case .read: context.channel.setOption(.autoRead, value: true).whenComplete { _ in }
        case .reset: reset(context)
        case .answerEarly(let text):
            earlyAnswer = text
            context.channel.setOption(.autoRead, value: true).whenComplete { _ in }
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += String(buffer: unwrapInboundIn(data))
        if let earlyAnswer {
            answerAndClose(context, earlyAnswer)
            self.earlyAnswer = nil
        }
        guard let end = received.range(of: "\r\n\r\n") else { return }
        var request = RawServer.Request(head: String(received[..<end.lowerBound]), body: "")
        let length = request.header("content-length").flatMap { Int($0) } ?? 0
        guard received[end.upperBound...].utf8.count >= length else { return }
        request.body = String(received[end.upperBound...])
        received = ""
        switch server.received(request) {
        case .answer(let text):
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        case .answerAndClose(let text): answerAndClose(context, text)
        case .reset: reset(context)
        case .silence: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answerAndClose(_ context: ChannelHandlerContext, _ text: String) {
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text))).whenComplete { _ in
            channel.close(promise: nil)
        }
    }

    private func reset(_ context: ChannelHandlerContext) {
        let channel = context.channel
        // With a linger time of zero, closing sends a reset.
        let options = channel as? any SocketOptionProvider
        options?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
    }
}

extension String {
    fileprivate func range(of text: String) -> Range<String.Index>? { firstRange(of: text) }

    fileprivate func trimmingPrefix(while predicate: (Character) -> Bool) -> Substring { drop(while: predicate) }
}

/// An HTTP answer with its `Content-Length`.
func httpAnswer(_ status: String, headers: [String] = [], body: String) -> String {
    (["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers).joined(separator: "\r\n")
        + "\r\n\r\n" + body
}
