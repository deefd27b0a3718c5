import HTTPCodec
import Reactor
import Synchronization

@testable import HTTP

/// A server that listens on a port of its own, and what it was asked.
struct LiveServer {
    let server: HTTPServer
    let port: Int
    let notices: Recorder<HTTPServerNotice>

    /// Runs a server for as long as the body takes.
    static func run<Result: Sendable>(
        _ settings: HTTPServerSettings = HTTPServerSettings(),
        handler: some HTTPHandler,
        host: String = "127.0.0.1",
        _ body: (LiveServer) async throws -> Result
    ) async throws -> Result {
        let reactor = try Reactor(name: "server")
        let notices = Recorder<HTTPServerNotice>()
        let server = HTTPServer(reactor: reactor, settings: settings, handler: handler) { notices.append($0) }
        let port = try await server.listen(host: host, port: 0)
        do {
            let result = try await body(LiveServer(server: server, port: port, notices: notices))
            await server.stop(within: .zero)
            await reactor.shutdown()
            return result
        } catch {
            await server.stop(within: .zero)
            await reactor.shutdown()
            throw error
        }
    }

    /// Waits until so many connections are open.
    func waitForConnections(_ count: Int) async {
        while await server.connectionCount != count { await Task.yield() }
    }
}

/// Collects values from any thread.
final class Recorder<Value: Sendable>: Sendable {
    private let recorded = Mutex<[Value]>([])

    var values: [Value] { recorded.withLock { $0 } }

    func append(_ value: Value) { recorded.withLock { $0.append(value) } }

    /// Waits until there are so many values.
    func wait(for count: Int) async {
        while values.count < count { await Task.yield() }
    }
}

/// Answers `/slow…` when it is told, `/large` with 8 MiB, anything else with its method, path and body at once.
final class TestHandler: HTTPHandler {
    static let large = [UInt8](repeating: UInt8(ascii: "x"), count: 8 << 20)

    let held = Recorder<HTTPServerExchange>()
    let paths = Recorder<String>()

    func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) {
        paths.append(request.path)
        if request.path.hasPrefix("/slow") { return held.append(exchange) }
        if request.path == "/large" {
            exchange.respond(HTTPServerResponse(status: 200, body: Self.large))
            return
        }
        let text = "\(request.method) \(request.path) \(String(decoding: request.body, as: UTF8.self))."
        exchange.respond(HTTPServerResponse(status: 200, body: Array(text.utf8)))
    }
}
