import AsyncHTTPClient
import FoundationEssentials
import InstagramMessaging
import NIOCore
import NIOHTTP1
import Synchronization

/// Sends documents to a collector as OTLP/HTTP asks, each in one request. Redirects are not followed.
final class CollectorClient: Sendable {
    private enum Connection {
        case none
        case open(HTTPClient)
        case closed
    }

    private static let connectTimeout = TimeAmount.seconds(5)
    private static let requestTimeout = TimeAmount.seconds(10)
    /// An answer is a few bytes.
    private static let longestAnswer = 65_536

    private let url: String
    private let headers: HTTPHeaders
    private let connection = Mutex(Connection.none)

    /// - Parameters:
    ///   - endpoint: The collector's base URL; `/v1/traces` is added.
    ///   - headers: Sent with each request; they may hold a secret and are never shown.
    init(endpoint: String, headers: [(String, String)]) {
        url = endpoint + "/v1/traces"
        var own = HTTPHeaders(headers)
        own.replaceOrAdd(name: "Content-Type", value: "application/json")
        own.replaceOrAdd(name: "User-Agent", value: "\(WorkerVersion.name)/\(WorkerVersion.current)")
        self.headers = own
    }

    /// Sends a document. Cancelling the task gives the request up.
    func post(_ document: [UInt8]) async -> CollectorAnswer {
        guard let client = openClient() else { return .unavailable("the worker is shutting down", retryAfter: nil) }
        do {
            let request = try HTTPClient.Request(url: url, method: .POST, headers: headers, body: .bytes(document))
            let call = client.execute(
                request: request,
                delegate: ResponseAccumulator(request: request, maxBodySize: Self.longestAnswer),
                deadline: .now() + Self.requestTimeout
            )
            let response = try await withTaskCancellationHandler {
                try await call.get()
            } onCancel: {
                call.cancel()
            }
            return Self.answer(response)
        } catch {
            return .unavailable(Self.words(for: error), retryAfter: nil)
        }
    }

    /// Gives up what runs and closes the connection. Later requests end as unavailable.
    func shutdown() async {
        let client: HTTPClient? = connection.withLock { connection in
            defer { connection = .closed }
            if case .open(let client) = connection { return client }
            return nil
        }
        // The one error there is says that it was shut down before.
        try? await client?.shutdown()
    }

    /// The client is made with the first request: one that was never shut down would stop the process.
    private func openClient() -> HTTPClient? {
        connection.withLock { connection in
            switch connection {
            case .open(let client): return client
            case .closed: return nil
            case .none:
                let client = Self.makeClient()
                connection = .open(client)
                return client
            }
        }
    }

    private static func makeClient() -> HTTPClient {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: HTTPClient.Configuration.Timeout(connect: connectTimeout),
            decompression: .disabled
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        // One event loop, for the reason that the transport to Graph has.
        return HTTPClient(
            eventLoopGroupProvider: .shared(HTTPClient.defaultEventLoopGroup.next()),
            configuration: configuration
        )
    }

    private static func answer(_ response: HTTPClient.Response) -> CollectorAnswer {
        let status = Int(response.status.code)
        switch status {
        case 200..<300: return .accepted(rejected: rejected(in: response.body))
        case 429, 502, 503, 504:
            let seconds = response.headers.first(name: "Retry-After").flatMap { Int64($0) }.flatMap {
                $0 < 0 ? nil : $0
            }
            return .unavailable("HTTP \(status)", retryAfter: seconds.map { .seconds($0) })
        default: return .refused("HTTP \(status)")
        }
    }

    /// `{"partialSuccess":{"rejectedSpans":"3"}}`
    private static func rejected(in body: ByteBuffer?) -> Int {
        guard let body, let answer = try? JSONReader.read(Array(body.readableBytesView)),
            let count = answer["partialSuccess"]?["rejectedSpans"]
        else { return 0 }
        return max(count.integer ?? count.string.flatMap { Int($0) } ?? 0, 0)
    }

    private static func words(for error: any Error) -> String {
        switch error as? HTTPClientError {
        case .connectTimeout: "no connection in time"
        case .deadlineExceeded: "no answer in time"
        default: CallFailure(error, responseTimeout: requestTimeout).reason
        }
    }
}
