import HTTP
import HTTPCodec

/// What the head of a request to Graph says.
struct GraphRequestHead: Sendable {
    let arrival: Moment
    /// The account; nil where the request is not a call of the messages endpoint.
    let accountID: String?
    /// The number of the account's call, once it is begun.
    var number: UInt64 = 0
    /// Why the request is refused whatever its body; nil where it is a call.
    let refusal: GraphErrorAnswer?
    /// What a call of `/refresh_access_token` asks for; nil for any other.
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
