import FoundationEssentials
import HTTP
import OpenSSL
import Synchronization

/// The address and the proof with which each account is called: as the settings say, or as its own do.
///
/// Values that are derived from a base URL or a secret are kept, since all calls of an account need them again.
final class GraphRoutes: Sendable {
    /// The destination of one call.
    struct Route: Sendable {
        let endpoint: GraphEndpoint
        /// The account as the path has it: digits only.
        let pathID: String
        /// Shows that the caller knows the app's secret; nil where none is asked for.
        let proof: String?

        /// Appends path and query.
        func writeTarget(into buffer: inout [UInt8]) {
            buffer.append(contentsOf: endpoint.prefix.utf8)
            buffer.append(contentsOf: pathID.utf8)
            buffer.append(contentsOf: "/messages".utf8)
            guard let proof else { return }
            buffer.append(contentsOf: "?appsecret_proof=".utf8)
            buffer.append(contentsOf: proof.utf8)
        }
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
        // With Facebook Login the path names the Page.
        let pathID = access.own.pathID ?? accountID
        guard !pathID.isEmpty, pathID.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let endpoint = endpoint(access.own.baseURL)
        else { return nil }
        return Route(
            endpoint: endpoint,
            pathID: pathID,
            proof: proof(access.own.appSecret)?.proof(for: access.token)
        )
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
final class GraphEndpoint: Sendable {
    /// Host and port, for messages to people.
    let name: String
    let origin: HTTPOrigin
    /// The value of `Host`.
    let hostHeader: String
    /// The version of the API that is asked for.
    let version: String
    /// `/v23.0/`, behind the base URL's own path.
    fileprivate let prefix: String

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
        hostHeader = parts.origin.hostHeader
        self.version = version
        name = origin.authority
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
