import HTTP
import Reactor

/// Answers calls of Graph on the reactor's thread and hands control requests over.
struct SimulatorHandler: HTTPHandler {
    let endpoint: SharedEndpoint
    let control: ControlRoutes
    let maximumBodyBytes: Int
    let reactor: Reactor

    func decide(_ head: HTTPServerRequest) -> HTTPHeadDecision {
        guard !Self.isControl(head.path) else {
            return .read(atMost: ControlRoutes.maximumBodyBytes) { [control] request, exchange in
                // Summing up may take a second, in which calls go on.
                Task { exchange.respond(control.answer(request)) }
            }
        }
        var call = GraphRequestHead(head, arrival: .now())
        if let accountID = call.accountID {
            let arrival = call.arrival
            guard let number = endpoint.withLock({ $0.begin(accountID: accountID, at: arrival) }) else { return .reset }
            call.number = number
        }
        return .read(atMost: maximumBodyBytes) { [call] request, exchange in
            perform(reply(to: call, body: request.body), on: exchange)
        }
    }

    func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) {
        // Every request has its own handler from decide(_:).
        exchange.close()
    }

    func refuse(_ refusal: HTTPServerRefusal, of request: HTTPServerRequest?) -> HTTPServerResponse {
        guard let request, !Self.isControl(request.path) else { return control.refuse(refusal) }
        let message = refusal.status == 413 ? "The body has more than \(maximumBodyBytes) bytes" : refusal.reason
        let error = GraphErrorAnswer(status: refusal.status, code: 100, message: "(#100) \(message)")
        return HTTPServerResponse(errorAnswer(error))
    }

    /// No client waits longer for the rest of an answer.
    private static let longestStall = Duration.seconds(300)

    private static func isControl(_ path: String) -> Bool { path.hasPrefix("/_simulator") }

    private func reply(to head: GraphRequestHead, body: [UInt8]) -> EndpointReply {
        if let refusal = head.refusal { return EndpointReply(action: .answer(errorAnswer(refusal))) }
        if let refresh = head.refresh { return endpoint.withLock { $0.refresh(refresh, at: head.arrival) } }
        let request = head.request(body: body)
        return endpoint.withLock { $0.finish(request) }
    }

    private func errorAnswer(_ error: GraphErrorAnswer) -> HTTPAnswer {
        .error(error, traceID: endpoint.withLock { $0.nextTraceID() })
    }

    private func perform(_ reply: EndpointReply, on exchange: HTTPServerExchange) {
        guard reply.delay > .zero else { return perform(reply.action, on: exchange) }
        after(reply.delay) { perform(reply.action, on: exchange) }
    }

    private func perform(_ action: EndpointReply.Action, on exchange: HTTPServerExchange) {
        switch action {
        case .answer(let answer): send(answer, on: exchange)
        case .close: exchange.close()
        case .reset: exchange.reset()
        }
    }

    private func send(_ answer: HTTPAnswer, on exchange: HTTPServerExchange) {
        switch answer.course {
        case .whole: exchange.respond(HTTPServerResponse(answer))
        case .stalls:
            exchange.intrude(.bytes(answer.bytes.dropLast((answer.body.count + 1) / 2)))
            after(Self.longestStall) { exchange.reset() }
        case .comesTwice(let delay):
            exchange.respond(HTTPServerResponse(answer))
            after(delay) { exchange.intrude(.bytes(answer.bytes)) }
        case .endsConnection(let delay):
            exchange.respond(HTTPServerResponse(answer))
            let farewell = HTTPAnswer.htmlPage(status: 408)
            after(delay) { exchange.intrude(.farewell(farewell.bytes)) }
        }
    }

    private func after(_ delay: Duration, _ work: @escaping () -> Void) {
        let due = Reactor.monotonicNow() + min(delay.nanoseconds, .max / 2)
        _ = reactor.schedule(at: due, work)
    }
}
