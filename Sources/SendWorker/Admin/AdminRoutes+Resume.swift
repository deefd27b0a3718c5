import HTTP
import HTTPCodec
import OpenSSL

/// `POST /api/resume`: the only request that changes something, so the only one that needs the token.
extension AdminRoutes {
    package static let resumePath = "/api/resume"

    /// Why a request may not resume the worker; nil where it may.
    func refusalToResume(_ request: HTTPServerRequest) -> HTTPServerResponse? {
        guard let token, !token.revealed.isEmpty else {
            return Self.problem(
                403,
                "admin.token is not set, so nobody may resume this worker: set it (ADMIN_TOKEN in the environment) and start "
                    + "the worker anew"
            )
        }
        guard let given = Self.bearer(request.headers.first("Authorization")),
            Self.isSame(given, token.revealed)
        else {
            return Self.problem(
                401,
                "write the header Authorization: Bearer, followed by the worker's admin.token",
                [("WWW-Authenticate", "Bearer")]
            )
        }
        guard Self.isFromItself(request) else {
            return Self.problem(403, "a page of another origin may not resume this worker")
        }
        guard !request.announcesBody || Self.isJSON(request.headers.first("Content-Type")) else {
            return Self.problem(415, "write no body, or one of the type application/json")
        }
        return nil
    }

    private static func bearer(_ header: String?) -> String? {
        guard let header else { return nil }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }

    /// Whether no browser says that a page of another origin asks.
    private static func isFromItself(_ request: HTTPServerRequest) -> Bool {
        let origins = request.headers.all("Origin")
        guard let authority = request.authority?.lowercased() else { return origins.isEmpty }
        return origins.allSatisfy { ["http://\(authority)", "https://\(authority)"].contains($0.lowercased()) }
    }

    private static func isJSON(_ contentType: String?) -> Bool {
        guard let contentType else { return false }
        let essence = contentType.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
        return essence.lowercased() == "application/json"
    }

    /// Compares digests, in a time that depends neither on where two texts differ nor on their lengths.
    private static func isSame(_ given: String, _ expected: String) -> Bool {
        equalInConstantTime(SHA256.hash(Array(given.utf8)), SHA256.hash(Array(expected.utf8)))
    }
}

extension HTTPServerRequest {
    fileprivate var announcesBody: Bool {
        headers.contains("Transfer-Encoding") || headers.number("Content-Length") ?? 0 > 0
    }
}
