import Crypto
import HTTPTypes
import Hummingbird

/// `POST /api/resume`: the only request that changes something, so the only one that needs the token.
extension AdminRoutes {
    static let resumePath = "/api/resume"

    func addResume(to router: Router<BasicRequestContext>) {
        router.on(RouterPath(Self.resumePath), method: .post) { request, _ in await resume(request) }
        for method: HTTPRequest.Method in [.get, .put, .patch, .delete, .options] {
            router.on(RouterPath(Self.resumePath), method: method) { _, _ in
                Self.problem(.methodNotAllowed, "write POST \(Self.resumePath)", [.allow: "POST"])
            }
        }
    }

    private func resume(_ request: Request) async -> Response {
        guard let token else {
            return Self.problem(
                .forbidden,
                "admin.token is not set, so nobody may resume this worker: set it (ADMIN_TOKEN in the environment) and start "
                    + "the worker anew"
            )
        }
        guard let given = Self.bearer(request.headers[.authorization]), Self.isSame(given, token.revealed) else {
            return Self.problem(
                .unauthorized,
                "write the header Authorization: Bearer, followed by the worker's admin.token",
                [.wwwAuthenticate: "Bearer"]
            )
        }
        return Self.json(.ok, await provider.resume())
    }

    private static func bearer(_ header: String?) -> String? {
        guard let header else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }

    /// Compares digests, in a time that depends neither on where two texts differ nor on their lengths.
    private static func isSame(_ given: String, _ expected: String) -> Bool {
        SHA256.hash(data: Array(given.utf8)) == SHA256.hash(data: Array(expected.utf8))
    }
}
