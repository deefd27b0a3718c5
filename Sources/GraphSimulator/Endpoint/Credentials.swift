import OpenSSL

/// The bearer tokens that the simulator accepts.
package enum TokenPolicy: Sendable {
    /// Any token that is not empty, for any account.
    case anyNonEmpty
    /// Exactly one token per account; accounts that are not named have none.
    case perAccount([String: String])

    func accepts(_ token: String?, for accountID: String) -> Bool {
        guard let token, !token.isEmpty else { return false }
        switch self {
        case .anyNonEmpty: return true
        case .perAccount(let tokens): return tokens[accountID] == token
        }
    }
}

extension TokenPolicy: CustomStringConvertible {
    /// Says how many tokens there are, never which.
    package var description: String {
        switch self {
        case .anyNonEmpty: "any non-empty token"
        case .perAccount(let tokens): "tokens of \(tokens.count) accounts"
        }
    }
}

extension TokenPolicy: CustomDebugStringConvertible, CustomReflectable {
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The secret of the application whose calls the simulator takes; every way of printing it shows nothing.
package struct ApplicationSecret: Sendable {
    private let code: HMACSHA256

    package init(_ secret: String) {
        code = HMACSHA256(key: Array(secret.utf8))
    }

    /// The refusal of a call whose token comes with a proof, or without one; nil where it is right.
    func refusal(of proof: String?, for token: String?) -> GraphErrorAnswer? {
        guard let proof else {
            return GraphErrorAnswer(code: 100, message: "API calls from the server require an appsecret_proof argument")
        }
        let right = Hexadecimal.text(code.authenticationCode(for: Array((token ?? "").utf8)))
        return proof.lowercased() == right ? nil : .invalidProof
    }
}

extension ApplicationSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension GraphErrorAnswer {
    static let invalidProof = GraphErrorAnswer(
        code: 100,
        message: "Invalid appsecret_proof provided in the API argument"
    )
}

/// A call of `/refresh_access_token`: what its query says.
struct RefreshQuery: Sendable {
    let isRefresh: Bool
    let token: String

    init(_ query: Substring) {
        var values: [Substring: String] = [:]
        for part in query.split(separator: "&") {
            guard let equals = part.firstIndex(of: "=") else { continue }
            values[part[..<equals]] = Self.decoded(part[part.index(after: equals)...])
        }
        isRefresh = values["grant_type"] == "ig_refresh_token"
        token = values["access_token"] ?? ""
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension MessagesEndpoint {
    /// The life of a refreshed token, in seconds.
    private static let lifetime = 60 * 86_400
    /// The least age of a token to be refreshed, in nanoseconds. Tokens from before the start are old enough.
    private static let youngest: Int64 = 24 * 3_600_000_000_000
    /// Issued tokens that are remembered before all are forgotten.
    private static let rememberedTokens = 50_000

    /// Gives a token for a token, as Graph does for long-lived ones.
    mutating func refresh(_ query: RefreshQuery, at arrival: Moment) -> EndpointReply {
        let now = arrival.nanoseconds
        guard query.isRefresh else {
            return refused(GraphErrorAnswer(code: 100, message: "(#100) grant_type must be ig_refresh_token"))
        }
        guard tokens.knows(query.token) else { return refused(GraphErrorAnswer(code: 190)) }
        guard now - (issued[query.token] ?? now - Self.youngest) >= Self.youngest else {
            return refused(GraphErrorAnswer(code: 190, message: "The access token is less than 24 hours old"))
        }
        let new = "\(query.token)R"
        tokens.replace(query.token, with: new)
        if issued.count >= Self.rememberedTokens { issued.removeAll() }
        issued[new] = now
        let body = JSONNode.object([
            "access_token": .string(new), "token_type": .string("bearer"), "expires_in": .integer(Int64(Self.lifetime)),
        ])
        return EndpointReply(action: .answer(HTTPAnswer(status: 200, body: body.encoded)))
    }

    private mutating func refused(_ error: GraphErrorAnswer) -> EndpointReply {
        EndpointReply(action: .answer(.error(error, traceID: nextTraceID())))
    }
}

extension TokenPolicy {
    /// Whether any account has this token.
    func knows(_ token: String) -> Bool {
        switch self {
        case .anyNonEmpty: !token.isEmpty
        case .perAccount(let tokens): tokens.values.contains(token)
        }
    }

    mutating func replace(_ old: String, with new: String) {
        guard case .perAccount(let tokens) = self else { return }
        self = .perAccount(tokens.mapValues { $0 == old ? new : $0 })
    }
}
