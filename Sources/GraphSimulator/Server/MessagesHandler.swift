import NIOCore
import NIOHTTP1

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Answers calls of Graph on one connection, one after the other, and lets control requests pass. Requests that come
/// before the last one is answered wait.
final class MessagesHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Phase {
        case idle
        case reading(GraphRequestHead, ByteBuffer)
        /// The body is too large: the rest of it is read and dropped.
        case dropping(GraphRequestHead)
        case answering
        case passing(requestEnded: Bool, answerEnded: Bool)
        case closed
    }

    /// Parts of pipelined requests that wait; beyond it the connection is given up.
    private static let maximumWaiting = 1024

    private let endpoint: SharedEndpoint
    private let maximumBodyBytes: Int
    private var phase = Phase.idle
    private var waiting = CircularBuffer<HTTPServerRequestPart>()

    init(endpoint: SharedEndpoint, maximumBodyBytes: Int) {
        self.endpoint = endpoint
        self.maximumBodyBytes = maximumBodyBytes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if waiting.isEmpty, isReady(for: part) {
            handle(part, context: context)
        } else if waiting.count < Self.maximumWaiting {
            waiting.append(part)
        } else {
            close(context: context, resets: true)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = unwrapOutboundIn(data)
        context.write(data, promise: promise)
        guard case .end = part, case .passing(let requestEnded, _) = phase else { return }
        phase = requestEnded ? .idle : .passing(requestEnded: false, answerEnded: true)
        guard !waiting.isEmpty else { return }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.execute { bound.value.0.handleWaiting(context: bound.value.1) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closed
        waiting.removeAll()
        context.fireChannelInactive()
    }

    private func isReady(for part: HTTPServerRequestPart) -> Bool {
        switch phase {
        case .answering: false
        case .passing(let requestEnded, _): !requestEnded
        case .idle, .reading, .dropping, .closed: true
        }
    }

    private func handleWaiting(context: ChannelHandlerContext) {
        while let part = waiting.first, isReady(for: part) {
            waiting.removeFirst()
            handle(part, context: context)
        }
        // Hummingbird takes what was read when the read is complete.
        if case .passing = phase { context.fireChannelReadComplete() }
    }
}

extension MessagesHandler {
    private func handle(_ part: HTTPServerRequestPart, context: ChannelHandlerContext) {
        switch (phase, part) {
        case (.idle, .head(let head)): begin(head, context: context)
        case (.reading(let head, var body), .body(let bytes)):
            guard body.readableBytes + bytes.readableBytes <= maximumBodyBytes else {
                phase = .dropping(head)
                return
            }
            phase = .idle
            body.writeImmutableBuffer(bytes)
            phase = .reading(head, body)
        case (.reading(let head, let body), .end): finish(head, body: body, context: context)
        case (.dropping(let head), .end):
            let error = GraphErrorAnswer(
                status: 413,
                code: 100,
                message: "(#100) The body has more than \(maximumBodyBytes) bytes"
            )
            reply(to: head, with: EndpointReply(action: .answer(errorAnswer(error))), context: context)
        case (.passing(_, let answerEnded), _):
            if case .end = part { phase = answerEnded ? .idle : .passing(requestEnded: true, answerEnded: false) }
            context.fireChannelRead(wrapInboundOut(part))
        default: break
        }
    }

    private func begin(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        guard !GraphRequestHead.isControl(head.uri) else {
            phase = .passing(requestEnded: false, answerEnded: false)
            return context.fireChannelRead(wrapInboundOut(.head(head)))
        }
        var request = GraphRequestHead(head, arrival: .now())
        if let accountID = request.accountID {
            let arrival = request.arrival
            guard let number = endpoint.withLock({ $0.begin(accountID: accountID, at: arrival) }) else {
                return close(context: context, resets: true)
            }
            request.number = number
        }
        if head.headers[canonicalForm: "expect"].contains("100-continue") {
            let head = HTTPResponseHead(version: head.version, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        }
        phase = .reading(request, ByteBuffer())
    }

    private func finish(_ head: GraphRequestHead, body: ByteBuffer, context: ChannelHandlerContext) {
        phase = .answering
        if let refusal = head.refusal {
            return reply(to: head, with: EndpointReply(action: .answer(errorAnswer(refusal))), context: context)
        }
        if let refresh = head.refresh {
            return reply(to: head, with: endpoint.withLock { $0.refresh(refresh, at: head.arrival) }, context: context)
        }
        let request = head.request(body: Array(body.readableBytesView))
        reply(to: head, with: endpoint.withLock { $0.finish(request) }, context: context)
    }

    private func errorAnswer(_ error: GraphErrorAnswer) -> HTTPAnswer {
        .error(error, traceID: endpoint.withLock { $0.nextTraceID() })
    }
}

extension MessagesHandler {
    private func reply(to head: GraphRequestHead, with reply: EndpointReply, context: ChannelHandlerContext) {
        phase = .answering
        guard reply.delay > .zero else { return perform(reply.action, for: head, context: context) }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .nanoseconds(reply.delay.nanoseconds)) {
            let (handler, context) = bound.value
            guard case .answering = handler.phase else { return }
            handler.perform(reply.action, for: head, context: context)
        }
    }

    private func perform(_ action: EndpointReply.Action, for head: GraphRequestHead, context: ChannelHandlerContext) {
        switch action {
        case .answer(let answer): write(answer, for: head, context: context)
        case .close: close(context: context, resets: false)
        case .reset: close(context: context, resets: true)
        }
    }

    private func write(_ answer: HTTPAnswer, for request: GraphRequestHead, context: ChannelHandlerContext) {
        var headers = HTTPHeaders()
        headers.add(name: "Content-Type", value: answer.contentType)
        headers.add(name: "Content-Length", value: String(answer.body.count))
        for (name, value) in answer.headers.sorted(by: { $0.key < $1.key }) { headers.add(name: name, value: value) }
        if !request.isKeptAlive { headers.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(
            version: .http1_1,
            status: HTTPResponseStatus(statusCode: answer.status),
            headers: headers
        )
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        guard request.isKeptAlive else { return close(context: context, resets: false) }
        phase = .idle
        handleWaiting(context: context)
    }

    /// Without `resets` the connection ends in order (FIN), with it by a reset (RST).
    private func close(context: ChannelHandlerContext, resets: Bool) {
        phase = .closed
        waiting.removeAll()
        if resets, let socket = context.channel as? any SocketOptionProvider {
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in bound.value.close(promise: nil) }
        } else {
            context.close(promise: nil)
        }
    }
}
