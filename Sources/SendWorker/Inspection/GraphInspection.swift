import HTTP
import OpenSSL
import Reactor

/// Whether the endpoint's server can be reached: name, connection, TLS and an answer of any status.
struct GraphInspection: Sendable {
    private static let connectLimit = Duration.seconds(5)
    private static let answerLimit = Duration.seconds(8)

    private let graph: WorkerConfiguration.Graph

    init(_ graph: WorkerConfiguration.Graph) {
        self.graph = graph
    }

    func findings() async -> [Finding] {
        do {
            let tls = try TLSContext.client(caFile: graph.caFile)
            let reactor = try Reactor(name: "inspection")
            let client = HTTPClient(reactor: reactor, settings: settings(tls))
            let finding = await finding(with: client)
            await client.shutdown()
            await reactor.shutdown()
            return [finding]
        } catch let error as TLSError {
            return [
                .problem(
                    .graph,
                    .configuration,
                    "graph.caFile: \(error)",
                    remedy: "name a readable PEM file of certificates"
                )
            ]
        } catch {
            return [.problem(.graph, .failed, "\(graph.baseURL) was not asked: \(error)", remedy: "run it again")]
        }
    }

    private func settings(_ tls: TLSContext) -> HTTPClientSettings {
        var settings = HTTPClientSettings()
        settings.connectTimeout = min(graph.connectTimeout, Self.connectLimit)
        settings.responseTimeout = Self.answerLimit
        settings.tls = tls
        settings.proxy = graph.endpointProxy
        return settings
    }

    /// Asks without a token, so that nothing is called for anybody.
    private func finding(with client: HTTPClient) async -> Finding {
        let start = ContinuousClock.now
        do throws(HTTPCallFailure) {
            let request = HTTPRequest(url: graph.baseURL + "/")
            let answer = try await client.response(to: request, timeout: Self.answerLimit)
            let taken = start.duration(to: .now).inMilliseconds
            return .ok(.graph, "\(graph.baseURL) answers (HTTP \(answer.status) after \(taken) ms)")
        } catch {
            return .problem(
                .graph,
                .failed,
                "\(graph.baseURL) does not answer: \(CallFailure(error).reason)",
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
