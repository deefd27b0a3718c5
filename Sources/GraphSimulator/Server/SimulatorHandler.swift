import HTTP
import HTTPCodec
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

/// The head of a request to Graph, read.
struct GraphRequestHead: Sendable {
    let arrival: Moment
    /// The account; nil where the request is not a call of the messages endpoint.
    let accountID: String?
    /// The number of the account's call, once it is begun.
    var number: UInt64 = 0
    /// The refusal of the request whatever its body; nil where it is a call.
    let refusal: GraphErrorAnswer?
    /// The query of a call of `/refresh_access_token`; nil for any other.
    let refresh: RefreshQuery?
    private let token: String?
    private let proof: String?
    private let marker: String?
    private let traceParent: String?
    private let traceState: String?

    init(_ head: HTTPServerRequest, arrival: Moment) {
        let query = head.query[...]
        let accountID = Self.accountID(inPath: head.path)
        self.arrival = arrival
        self.accountID = accountID
        self.token = head.headers.first("Authorization").flatMap(Self.bearerToken)
        self.proof = Self.proof(in: query)
        self.marker = MessageCall.marker(from: head.headers.first("X-Simulator-Marker"))
        self.traceParent = Self.header("traceparent", of: head)
        self.traceState = Self.header("tracestate", of: head)
        let isRefresh = head.path == "/refresh_access_token" && head.method == .get
        self.refresh = isRefresh ? RefreshQuery(query) : nil
        self.refusal = isRefresh ? nil : Self.refusal(of: head, accountID: accountID, query: query)
    }

    /// The call with its body. Meant for an account's call only.
    func request(body: [UInt8]) -> MessagesRequest {
        MessagesRequest(
            accountID: accountID ?? "",
            number: number,
            arrival: arrival,
            token: token,
            proof: proof,
            marker: marker,
            traceParent: traceParent,
            traceState: traceState,
            call: BodyReader.read(body)
        )
    }

    /// A header's values, cut where they are longer than the log should keep.
    private static func header(_ name: String, of head: HTTPServerRequest) -> String? {
        let values = head.headers.all(name)
        return values.isEmpty ? nil : String(values.joined(separator: ",").prefix(1_024))
    }

    /// The account of `/{version}/{account_id}/messages`; nil for any other path.
    private static func accountID(inPath path: String) -> String? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].isEmpty, parts[3] == "messages" else { return nil }
        let version = parts[1].dropFirst().split(separator: ".", omittingEmptySubsequences: false)
        guard parts[1].first == "v", version.count == 2, version.allSatisfy(isNumber) else { return nil }
        guard isNumber(parts[2]), parts[2].utf8.count <= 32 else { return nil }
        return String(parts[2])
    }

    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func bearerToken(_ authorization: String) -> String? {
        guard authorization.prefix(7).lowercased() == "bearer " else { return nil }
        let token = authorization.dropFirst(7)
        return token.isEmpty || token.contains(" ") ? nil : String(token)
    }

    private static func refusal(of head: HTTPServerRequest, accountID: String?, query: Substring) -> GraphErrorAnswer? {
        guard accountID != nil else {
            return GraphErrorAnswer(
                code: 2500,
                message: "Unknown path components; call POST /{version}/{account_id}/messages, "
                    + "such as /v23.0/178414/messages"
            )
        }
        guard head.method == .post else {
            return GraphErrorAnswer(code: 100, subcode: 33, message: "Unsupported \(head.method.rawValue) request")
        }
        guard head.headers.first("Content-Type")?.lowercased().hasPrefix("application/json") ?? false else {
            return GraphErrorAnswer(code: 100, message: "(#100) The Content-Type must be application/json")
        }
        if let proof = proof(in: query) {
            guard proof.utf8.count == 64, proof.allSatisfy(\.isHexDigit) else { return .invalidProof }
        }
        return nil
    }

    private static func proof(in query: Substring) -> String? {
        query.split(separator: "&").first { $0.hasPrefix("appsecret_proof=") }
            .map { String($0.dropFirst("appsecret_proof=".count)) }
    }
}

extension HTTPAnswer {
    /// The answer as it stands on the wire.
    var bytes: [UInt8] {
        var head = "HTTP/1.1 \(status) Odd\r\nContent-Type: \(contentType)\r\nContent-Length: \(body.count)\r\n"
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
        return Array("\(head)\r\n".utf8) + body
    }
}

extension HTTPServerResponse {
    /// An answer of Graph.
    init(_ answer: HTTPAnswer) {
        self.init(
            status: answer.status,
            headers: ["Content-Type": answer.contentType],
            body: answer.body,
            isDated: false
        )
        for (name, value) in answer.headers.sorted(by: { $0.key < $1.key }) { headers.add(name, value) }
    }

    /// An answer of the control interface.
    static func json(_ value: JSONNode, status: Int = 200) -> HTTPServerResponse {
        HTTPServerResponse(
            status: status,
            headers: ["Content-Type": "application/json; charset=utf-8"],
            body: value.encoded + [0x0A]
        )
    }

    /// Newline-delimited JSON.
    static func lines(_ values: [JSONNode]) -> HTTPServerResponse {
        var bytes: [UInt8] = []
        for value in values {
            value.write(to: &bytes)
            bytes.append(0x0A)
        }
        return HTTPServerResponse(
            status: 200,
            headers: ["Content-Type": "application/x-ndjson"],
            body: bytes
        )
    }
}
