import OpenSSL
import Telemetry

/// The certificates that servers are judged by: the system's, and those of `graph.caFile`, which is read again when it
/// changes.
struct EndpointTrust: Sendable {
    /// How often the file is looked at.
    private static let interval = Duration.seconds(10)

    private let tls: ReloadingTLSContext
    private let caFile: String?
    private let logger: Logger

    /// - Throws: `WorkerFailure` where `graph.caFile` cannot be used, or where nothing is trusted and calls need it.
    init(_ graph: WorkerConfiguration.Graph, logger: Logger) throws(WorkerFailure) {
        caFile = graph.caFile
        self.logger = logger
        do throws(TLSError) {
            tls = try ReloadingTLSContext(caFile: graph.caFile)
        } catch {
            throw WorkerFailure(.configuration, "graph.caFile: \(error); name a PEM file of certificates")
        }
        guard graph.caFile == nil, graph.baseURL.lowercased().hasPrefix("https:") else { return }
        let roots = TLSContext.systemRoots
        guard roots.hasCertificates else {
            throw WorkerFailure(
                .configuration,
                "no certificate of graph.baseURL could be trusted: \(roots), or graph.caFile"
            )
        }
    }

    /// What new connections are to use.
    var current: TLSContext { tls.current }

    /// Looks at the file until the task is cancelled. A broken one leaves the last good one in use.
    ///
    /// - Parameter onReplaced: Told what new connections are to use from now on.
    func watch(_ onReplaced: @Sendable (TLSContext) -> Void) async {
        guard let caFile else { return }
        while (try? await Task.sleep(for: Self.interval)) != nil {
            switch tls.reloadIfChanged() {
            case .none: break
            case .replaced:
                onReplaced(tls.current)
                logger.notice("graph.caFile has changed; new connections use it", metadata: ["file": "\(caFile)"])
            case .refused(let error):
                logger.error(
                    "graph.caFile has changed and cannot be used; the last good one stays in use",
                    metadata: ["file": "\(caFile)", "reason": "\(error)"]
                )
            }
        }
    }
}
