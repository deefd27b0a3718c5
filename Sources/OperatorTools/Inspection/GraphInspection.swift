import HTTP
import OpenSSL
import Reactor
import SendWorker

/// Whether the endpoint's servers can be reached: name, connection, TLS and an answer of any status.
struct GraphInspection: Sendable {
    private static let connectLimit = Duration.seconds(5)
    private static let answerLimit = Duration.seconds(8)
    /// So many servers of accounts' own are asked; of more only the number is told.
    private static let mostAsked = 8

    private let graph: WorkerConfiguration.Graph
    /// The number of accounts that are called elsewhere, by base URL.
    private let ownBaseURLs: [String: Int]

    init(_ graph: WorkerConfiguration.Graph, ownBaseURLs: [String: Int] = [:]) {
        self.graph = graph
        self.ownBaseURLs = ownBaseURLs.filter { $0.key != graph.baseURL }
    }

    func findings() async -> [Finding] {
        do {
            let tls = try TLSContext.client(caFile: graph.caFile)
            let reactor = try Reactor(name: "inspection")
            let client = HTTPClient(reactor: reactor, settings: settings(tls))
            let findings = await findings(with: client)
            await client.shutdown()
            await reactor.shutdown()
            return findings
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

    /// The endpoint's own server first, then those of accounts, all asked at once.
    private func findings(with client: HTTPClient) async -> [Finding] {
        let others = ownBaseURLs.keys.sorted().prefix(Self.mostAsked)
        let findings = await withTaskGroup(of: (Int, Finding).self, returning: [Finding].self) { tasks in
            for (place, url) in ([graph.baseURL] + others).enumerated() {
                tasks.addTask { (place, await finding(of: url, with: client)) }
            }
            return await tasks.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        let rest = ownBaseURLs.count - others.count
        guard rest > 0 else { return findings }
        let more = "tokens.file names \(rest) more base URLs, which were not asked"
        return findings + [.warning(.graph, more, remedy: "see send-worker config for all of them")]
    }

    /// Asks without a token, so that nothing is called for anybody.
    private func finding(of url: String, with client: HTTPClient) async -> Finding {
        let accounts = url == graph.baseURL ? nil : ownBaseURLs[url]
        let whose = accounts.map { " (baseURL of \($0) account\($0 == 1 ? "" : "s"))" } ?? ""
        let start = ContinuousClock.now
        do throws(HTTPCallFailure) {
            let answer = try await client.response(to: HTTPRequest(url: url + "/"), timeout: Self.answerLimit)
            let taken = start.duration(to: .now).inMilliseconds
            return .ok(.graph, "\(url)\(whose) answers (HTTP \(answer.status) after \(taken) ms)")
        } catch {
            let key = accounts == nil ? "graph.baseURL" : "baseURL in tokens.file"
            return .problem(
                .graph,
                .failed,
                "\(url)\(whose) does not answer: \(CallFailure(error).reason)",
                remedy: "check \(key), name resolution, firewall and certificates from this machine"
            )
        }
    }
}
