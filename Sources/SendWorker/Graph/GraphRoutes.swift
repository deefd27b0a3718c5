import FoundationEssentials
import HTTP
import OpenSSL
import Synchronization

/// The address and the proof with which each account is called: as the settings say, or as its own do.
///
/// Values that are derived from a base URL or a secret are kept, since all calls of an account need them again.
final class GraphRoutes: Sendable {
    /// The destination of one call.
    struct Route {
        let endpoint: GraphEndpoint
        /// Path and query.
        let target: String
    }

    /// So many URLs and secrets are kept; token files of millions of accounts name few.
    private static let kept = 4_096

    let standard: GraphEndpoint
    private let version: String
    private let standardProof: AppSecretProof?
    private let derived = Mutex(Derived())

    private struct Derived {
        var endpoints: [String: GraphEndpoint] = [:]
        var proofs: [SecretText: AppSecretProof] = [:]
    }

    init(_ settings: GraphSettings) throws(InvalidGraphSettings) {
        standard = try GraphEndpoint(baseURL: settings.baseURL, version: settings.version)
        version = settings.version
        standardProof = settings.appSecret.map { AppSecretProof(secret: $0) }
    }

    /// The route of an account's call; nil where its id, or its base URL, can be no part of a request.
    func route(of accountID: String, _ access: AccountAccess) -> Route? {
        guard let endpoint = endpoint(access.own.baseURL),
            let target = endpoint.messagesTarget(
                for: access.own.pathID ?? accountID,
                proof: proof(access.own.appSecret)?.proof(for: access.token)
            )
        else { return nil }
        return Route(endpoint: endpoint, target: target)
    }

    private func endpoint(_ baseURL: String?) -> GraphEndpoint? {
        guard let baseURL else { return standard }
        return derived.withLock { derived in
            if let endpoint = derived.endpoints[baseURL] { return endpoint }
            guard let endpoint = try? GraphEndpoint(baseURL: baseURL, version: version) else { return nil }
            if derived.endpoints.count >= Self.kept { derived.endpoints = [:] }
            derived.endpoints[baseURL] = endpoint
            return endpoint
        }
    }

    private func proof(_ secret: SecretText?) -> AppSecretProof? {
        guard let secret else { return standardProof }
        return derived.withLock { derived in
            if let proof = derived.proofs[secret] { return proof }
            let proof = AppSecretProof(secret: secret)
            if derived.proofs.count >= Self.kept { derived.proofs = [:] }
            derived.proofs[secret] = proof
            return proof
        }
    }
}

/// The place of each account's messages endpoint.
struct GraphEndpoint: Sendable {
    /// Host and port, for messages to people.
    let name: String
    let origin: HTTPOrigin
    /// The version of the API that is asked for.
    let version: String
    /// `/v23.0/`, behind the base URL's own path.
    private let prefix: String

    init(baseURL: String, version: String) throws(InvalidGraphSettings) {
        guard let url = URL(string: baseURL), url.query == nil, url.fragment == nil, url.user == nil,
            let parts = HTTPURL(baseURL)
        else {
            throw InvalidGraphSettings(
                key: "graph.baseURL",
                reason: "is not an http or https URL without query; "
                    + "write \(WorkerConfiguration.Graph().baseURL) for example"
            )
        }
        guard !version.isEmpty, version.utf8.allSatisfy(Self.isAllowedInVersion) else {
            throw InvalidGraphSettings(
                key: "graph.version",
                reason: "may hold letters, digits, dots, dashes and underscores only; "
                    + "write \(WorkerConfiguration.Graph().version) for example"
            )
        }
        var base = parts.target
        while base.hasSuffix("/") { base.removeLast() }
        prefix = "\(base)/\(version)/"
        origin = parts.origin
        self.version = version
        name = origin.authority
    }

    /// Path and query of an account's messages; nil for an id that is not made of digits only.
    ///
    /// - Parameter accountID: As the path has it: with Facebook Login the Page's id.
    func messagesTarget(for accountID: String, proof: String?) -> String? {
        guard !accountID.isEmpty, accountID.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let path = prefix + accountID + "/messages"
        return proof.map { "\(path)?appsecret_proof=\($0)" } ?? path
    }

    private static func isAllowedInVersion(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}

/// Shows Graph that whoever calls with a token also knows the app's secret.
///
/// It goes into the query string and not into the body: the body stays the caller's bytes, and the proof is worthless
/// without the token. URLs are never logged all the same.
private struct AppSecretProof: Sendable {
    private let code: HMACSHA256

    init(secret: SecretText) {
        code = HMACSHA256(key: Array(secret.revealed.utf8))
    }

    /// The lowercase hexadecimal HMAC-SHA256 of the token, keyed by the secret.
    func proof(for token: AccessToken) -> String {
        Hexadecimal.text(code.authenticationCode(for: Array(token.revealed.utf8)))
    }
}
