import HTTP
import HTTPCodec
package import Reactor

/// Sends documents to a collector as OTLP/HTTP asks, each in one request that is not repeated. Its requests are not
/// traced.
package final class CollectorClient: Sendable {
    private let url: String
    private let headers: HTTPHeaders
    private let client: HTTPClient

    /// - Parameters:
    ///   - endpoint: The collector's base URL; `/v1/traces` is added, with one slash.
    ///   - headers: Sent with each request; they may hold a secret and are never shown.
    ///   - reactor: Carries the connection; must outlive the client.
    package init(endpoint: String, headers: [(String, String)], userAgent: String, reactor: Reactor) {
        var base = endpoint[...]
        while base.hasSuffix("/") { base.removeLast() }
        url = base + "/v1/traces"
        var own = HTTPHeaders(headers.map { (name: $0.0, value: $0.1) })
        own.set("Content-Type", "application/json")
        own.set("User-Agent", userAgent)
        self.headers = own
        var settings = HTTPClientSettings()
        settings.maxConnections = 1
        client = HTTPClient(reactor: reactor, settings: settings)
    }

    /// Sends a document. Cancelling the task gives the request up.
    ///
    /// - Parameter limit: For the connection and the whole answer.
    package func post(_ document: [UInt8], within limit: Duration) async -> CollectorAnswer {
        let request = HTTPRequest(method: .post, url: url, headers: headers, body: document)
        do throws(HTTPCallFailure) {
            let response = try await client.response(to: request, timeout: limit)
            return CollectorAnswer(
                status: response.status,
                retryAfter: response.headers.first("Retry-After"),
                body: response.body,
                now: WallClock.nanoseconds
            )
        } catch {
            // A status that was seen says enough: to send spans again that were accepted would double them.
            if let status = error.status { return CollectorAnswer(status: status, retryAfter: nil, body: [], now: 0) }
            return .unavailable(error.kind == .deadline ? "no answer in time" : error.words, retryAfter: nil)
        }
    }

    /// Gives up what runs and closes the connection. Later requests end as unavailable.
    package func shutdown() async { await client.shutdown() }
}
