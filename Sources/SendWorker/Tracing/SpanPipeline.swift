import FoundationEssentials
import Reactor
import Telemetry

/// The way of the worker's spans: they go to the collector that the configuration names.
struct SpanPipeline: Sendable {
    /// The longest time that the end of the worker waits for the last spans.
    private static let longestFlush = Duration.seconds(3)

    let tracer: SpanTracer
    private let exporter: SpanExporter
    private let client: CollectorClient

    /// Nil where the configuration names no collector.
    ///
    /// - Parameter reactor: Carries the connection to the collector.
    init?(
        _ configuration: WorkerConfiguration,
        metrics: WorkerMetrics,
        logger: Logger,
        repetitions: RepetitionLimiter,
        reactor: Reactor
    ) {
        guard let endpoint = configuration.tracing.endpoint else { return nil }
        let client = CollectorClient(
            endpoint: endpoint,
            // The text was checked when it was loaded.
            headers: configuration.tracing.headers.flatMap { HeaderList.parse($0.revealed) } ?? [],
            userAgent: "\(WorkerVersion.name)/\(WorkerVersion.current)",
            reactor: reactor
        )
        let exporter = SpanExporter(
            document: SpanDocument(
                resource: Self.resource(configuration),
                scope: SpanDocument.Scope(name: WorkerVersion.name, version: WorkerVersion.current)
            ),
            post: { await client.post($0, within: $1) },
            count: { metrics.spans($0, $1) },
            warn: { reason in
                repetitions.log(
                    "spans cannot be exported; everything else goes on",
                    level: .warning,
                    to: logger,
                    metadata: ["endpoint": "\(endpoint)", "reason": "\(reason)"]
                )
            }
        )
        self.client = client
        self.exporter = exporter
        tracer = SpanTracer(sampler: TraceSampler(ratio: configuration.tracing.sampleRatio)) { exporter.take($0) }
    }

    func start() { exporter.start() }

    /// Exports what is left, within bounds.
    func close() async {
        await exporter.finish(within: Self.longestFlush)
        await client.shutdown()
    }

    private static func resource(_ configuration: WorkerConfiguration) -> SpanAttributes {
        [
            "service.name": .string(WorkerVersion.name),
            "service.version": .string(WorkerVersion.current),
            "service.instance.id": .string(configuration.kafka.instanceId ?? UUID().uuidString.lowercased()),
            "telemetry.sdk.language": "swift",
        ]
    }
}
