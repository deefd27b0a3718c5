import HTTP
import HTTPCodec
import InstagramMessaging
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

    let provider: any AdminProvider
    let token: SecretText?
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
