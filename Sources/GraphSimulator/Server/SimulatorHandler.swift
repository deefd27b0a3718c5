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
        guard reply.delay > .zero else { return Self.perform(reply.action, on: exchange) }
        let due = Reactor.monotonicNow() + min(reply.delay.nanoseconds, .max / 2)
        _ = reactor.schedule(at: due) { Self.perform(reply.action, on: exchange) }
    }

    private static func perform(_ action: EndpointReply.Action, on exchange: HTTPServerExchange) {
        switch action {
        case .answer(let answer): exchange.respond(HTTPServerResponse(answer))
        case .close: exchange.close()
        case .reset: exchange.reset()
        }
    }
}
