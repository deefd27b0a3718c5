import HTTP
import HTTPCodec
import InstagramMessaging
import OpenSSL
import Reactor
import Telemetry

/// The admin endpoints.
package struct AdminRoutes: HTTPHandler {
    private enum Route: Sendable {
        case page(StatusPage.File)
        case healthz
        case readyz
        case metrics
        case status
        case account
        case resume
        case resumeByOtherMethod
    }

    private let provider: any AdminProvider
    private let token: SecretText?
    private let registry: MetricsRegistry
    private let hosts: AdminHosts
    private let beforeMetrics: @Sendable () -> Void
    private let table: RouteTable<Route>

    init(
        registry: MetricsRegistry,
        provider: any AdminProvider,
        token: SecretText?,
        hosts: AdminHosts,
        beforeMetrics: @escaping @Sendable () -> Void
    ) {
        self.registry = registry
        self.provider = provider
        self.token = token
        self.hosts = hosts
        self.beforeMetrics = beforeMetrics
        var table = RouteTable<Route>()
        for file in StatusPage.files { table.add(.get, file.path, .page(file)) }
        table.add(.get, "/healthz", .healthz)
        table.add(.get, "/readyz", .readyz)
        table.add(.get, "/metrics", .metrics)
        table.add(.get, "/api/status", .status)
        table.add(.get, "/api/accounts/:id", .account)
        table.add(.post, Self.resumePath, .resume)
        for method: HTTPMethod in [.get, .put, .patch, .delete, .options] {
            table.add(method, Self.resumePath, .resumeByOtherMethod)
        }
        self.table = table
    }

    /// Refuses before a body is read.
    func decide(_ head: HTTPServerRequest) -> HTTPHeadDecision {
        guard hosts.allow(head.authority) else {
            return .answer(
                Self.problem(
                    421,
                    "this worker does not answer for the host that was asked; ask localhost or an address, or name the "
                        + "host in admin.allowedHosts"
                )
            )
        }
        guard let match = table.match(head.method, head.path) else { return .answer(HTTPServerResponse(status: 404)) }
        if case .resume = match.route, let refusal = refusalToResume(head) { return .answer(refusal) }
        return .read { _, exchange in
            Task { exchange.respond(await answer(match)) }
        }
    }

    func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) {
        // Each request has its own handler from decide(_:).
        exchange.respond(HTTPServerResponse(status: 404))
    }

    func refuse(_ refusal: HTTPServerRefusal, of request: HTTPServerRequest?) -> HTTPServerResponse {
        Self.problem(refusal.status, refusal.reason)
    }

    private func answer(_ match: RouteTable<Route>.Match) async -> HTTPServerResponse {
        switch match.route {
        case .page(let file): return Self.page(file)
        case .healthz: return Self.verdict(good: "ok", bad: "stalled", await provider.stalls())
        case .readyz: return Self.verdict(good: "ready", bad: "not_ready", await provider.hindrances())
        case .metrics:
            beforeMetrics()
            return Self.answer(200, MetricsRegistry.contentType, registry.render())
        case .status: return Self.json(200, await provider.status())
        case .account: return await account(match.parameters.first ?? "")
        case .resume: return Self.json(200, await provider.resume())
        case .resumeByOtherMethod:
            return Self.problem(405, "write POST \(Self.resumePath)", [("Allow", "POST")])
        }
    }

    private func account(_ id: String) async -> HTTPServerResponse {
        guard Self.isAccountID(id) else { return Self.problem(400, "an account id is made of 1 to 32 digits") }
        guard let account = await provider.account(id) else {
            return Self.problem(
                404,
                "this worker has nothing of account \(id): nothing of it waits, or another replica owns it"
            )
        }
        return Self.json(200, account)
    }

    private static func isAccountID(_ text: String) -> Bool {
        (1...MessageLimits.accountIDDigits).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}

extension AdminRoutes {
    private static func verdict(good: String, bad: String, _ reasons: [String]) -> HTTPServerResponse {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("status")
        writer.string(reasons.isEmpty ? good : bad)
        writer.name("reasons")
        writer.beginArray()
        for reason in reasons { writer.string(reason) }
        writer.endArray()
        writer.endObject()
        return json(reasons.isEmpty ? 200 : 503, writer.bytes)
    }

    static func problem(
        _ status: Int,
        _ message: String,
        _ headers: [(String, String)] = []
    ) -> HTTPServerResponse {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("error")
        writer.string(message)
        writer.endObject()
        var response = json(status, writer.bytes)
        for (name, value) in headers { response.headers.add(name, value) }
        return response
    }

    private static func page(_ file: StatusPage.File) -> HTTPServerResponse {
        var response = answer(200, file.contentType, Array(file.text.utf8))
        response.headers.add("Content-Security-Policy", StatusPage.securityPolicy)
        return response
    }

    static func json(_ status: Int, _ bytes: [UInt8]) -> HTTPServerResponse {
        answer(status, "application/json", bytes)
    }

    private static func answer(_ status: Int, _ contentType: String, _ bytes: [UInt8]) -> HTTPServerResponse {
        let headers = HTTPHeaders([
            ("Content-Type", contentType), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"),
        ])
        return HTTPServerResponse(status: status, headers: headers, body: bytes)
    }
}

/// `POST /api/resume`: the only request that changes something, so the only one that needs the token.
extension AdminRoutes {
    package static let resumePath = "/api/resume"

    /// Why a request may not resume the worker; nil where it may.
    private func refusalToResume(_ request: HTTPServerRequest) -> HTTPServerResponse? {
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

/// The names under which the admin port may be asked: `localhost`, addresses, and those of `admin.allowedHosts`.
///
/// A page of somebody else's, open in a browser on this machine, could otherwise have its own name resolve to this machine
/// (DNS rebinding) and read what is shown here, or use it.
struct AdminHosts: Sendable {
    /// In lower case; nil where any name may be used.
    private let names: Set<String>?

    /// - Parameters:
    ///   - allowed: Nil where none were given: then the check is for a worker that listens on this machine alone, and in
    ///     containers and services any name may be used.
    ///   - host: `admin.host`.
    init(allowed: [String]?, listeningOn host: String) {
        if let allowed {
            names = Set(allowed.map(Self.normalised))
        } else {
            names = Self.isLoopback(Self.normalised(host)) ? [] : nil
        }
    }

    /// Whether a request for this host, with or without a port, is answered; one for none, as old clients send, is.
    func allow(_ authority: String?) -> Bool {
        guard let names, let authority else { return true }
        let name = Self.normalised(Self.host(of: authority))
        return name == "localhost" || names.contains(name) || SocketAddress(ipAddress: name, port: 0) != nil
    }

    /// `[::1]:8080` → `::1`, `localhost:8080` → `localhost`.
    private static func host(of authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        return String(authority.prefix { $0 != ":" })
    }

    /// In lower case, without brackets and without the dot that ends a full name.
    private static func normalised(_ host: String) -> String {
        var name = host.lowercased()
        if name.hasPrefix("["), name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
        if name.hasSuffix(".") { name.removeLast() }
        return name
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1"
            || (host.hasPrefix("127.") && SocketAddress(ipAddress: host, port: 0) != nil)
    }
}
