import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Whether the endpoint's server can be reached: name, connection, TLS and an answer of any status.
struct GraphInspection: Sendable {
    private static let connectLimit = Duration.seconds(5)
    private static let answerLimit = TimeAmount.seconds(8)

    private let graph: WorkerConfiguration.Graph

    init(_ graph: WorkerConfiguration.Graph) {
        self.graph = graph
    }

    func findings() async -> [Finding] {
        var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
        settings.httpVersion = .http1Only
        // A port that refuses says so at once.
        settings.connectionPool.retryConnectionEstablishment = false
        let limit = min(graph.connectTimeout, Self.connectLimit)
        settings.timeout = HTTPClient.Configuration.Timeout(connect: TimeAmount(limit), read: Self.answerLimit)
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        let finding = await finding(with: client)
        // The one error there is says that it was shut down before.
        try? await client.shutdown()
        return [finding]
    }

    /// Asks without a token, so that nothing is called for anybody.
    private func finding(with client: HTTPClient) async -> Finding {
        let start = ContinuousClock.now
        do {
            let answer = try await client.execute(
                HTTPClientRequest(url: graph.baseURL + "/"),
                deadline: .now() + Self.answerLimit
            )
            let taken = start.duration(to: .now).inMilliseconds
            return .ok(.graph, "\(graph.baseURL) answers (HTTP \(answer.status.code) after \(taken) ms)")
        } catch {
            let failure = CallFailure(error, responseTimeout: Self.answerLimit)
            return .problem(
                .graph,
                .failed,
                "\(graph.baseURL) does not answer: \(failure.reason)",
                remedy: "check graph.baseURL, name resolution, firewall and certificates from this machine"
            )
        }
    }
}

extension Duration {
    /// Whole milliseconds, for people.
    var inMilliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
