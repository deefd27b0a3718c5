import HTTPTypes
import Hummingbird
import InstagramMessaging
import Telemetry

/// The admin endpoints.
struct AdminRoutes: Sendable {
    let registry: MetricsRegistry
    let provider: any AdminProvider
    let token: SecretText?
    let beforeMetrics: @Sendable () -> Void

    var router: Router<BasicRequestContext> {
        let router = Router(options: .autoGenerateHeadEndpoints)
        for file in StatusPage.files { router.get(RouterPath(file.path)) { _, _ in Self.page(file) } }
        router.get("/healthz") { _, _ in Self.verdict(good: "ok", bad: "stalled", await provider.stalls()) }
        router.get("/readyz") { _, _ in Self.verdict(good: "ready", bad: "not_ready", await provider.hindrances()) }
        router.get("/metrics") { _, _ in
            beforeMetrics()
            return Self.answer(.ok, MetricsRegistry.contentType, registry.render())
        }
        router.get("/api/status") { _, _ in Self.json(.ok, await provider.status()) }
        router.get("/api/accounts/:id") { _, context in
            let id = context.parameters.get("id") ?? ""
            guard Self.isAccountID(id) else {
                return Self.problem(.badRequest, "an account id is made of 1 to 32 digits")
            }
            guard let account = await provider.account(id) else {
                return Self.problem(
                    .notFound,
                    "this worker has nothing of account \(id): nothing of it waits, or another replica owns it"
                )
            }
            return Self.json(.ok, account)
        }
        addResume(to: router)
        return router
    }

    private static func isAccountID(_ text: String) -> Bool {
        (1...MessageLimits.accountIDDigits).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static func verdict(good: String, bad: String, _ reasons: [String]) -> Response {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("status")
        writer.string(reasons.isEmpty ? good : bad)
        writer.name("reasons")
        writer.beginArray()
        for reason in reasons { writer.string(reason) }
        writer.endArray()
        writer.endObject()
        return json(reasons.isEmpty ? .ok : .serviceUnavailable, writer.bytes)
    }

    static func problem(
        _ status: HTTPResponse.Status,
        _ message: String,
        _ headers: HTTPFields = [:]
    ) -> Response {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("error")
        writer.string(message)
        writer.endObject()
        var response = json(status, writer.bytes)
        for field in headers { response.headers[field.name] = field.value }
        return response
    }

    private static func page(_ file: StatusPage.File) -> Response {
        var response = answer(.ok, file.contentType, Array(file.text.utf8))
        response.headers[.contentSecurityPolicy] = StatusPage.securityPolicy
        return response
    }

    static func json(_ status: HTTPResponse.Status, _ bytes: [UInt8]) -> Response {
        answer(status, "application/json", bytes)
    }

    private static func answer(_ status: HTTPResponse.Status, _ contentType: String, _ bytes: [UInt8]) -> Response {
        let headers: HTTPFields = [
            .contentType: contentType, .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
        ]
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
