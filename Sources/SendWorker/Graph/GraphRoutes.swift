import Synchronization

/// Where and with which proof each account is called: as the settings say, or as its own do.
///
/// What is derived from a base URL or a secret is kept, since all calls of an account need it again.
final class GraphRoutes: Sendable {
    /// Where one call goes.
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
