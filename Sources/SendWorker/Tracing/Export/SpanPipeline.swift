import FoundationEssentials
import Telemetry

/// The worker's own backend for its spans: they go to the collector that the configuration names.
struct SpanPipeline: Sendable {
    /// How long the end of the worker waits for the last spans.
    private static let longestFlush = Duration.seconds(3)

    let tracer: SpanTracer
    private let exporter: SpanExporter
    private let client: CollectorClient

    /// Nil where the configuration names no collector.
    init?(
        _ configuration: WorkerConfiguration,
        metrics: WorkerMetrics,
        logger: Logger,
        repetitions: RepetitionLimiter
    ) {
        guard let endpoint = configuration.tracing.endpoint else { return nil }
        let client = CollectorClient(
            endpoint: endpoint,
            headers: configuration.tracing.headers.map { HeaderList.members(of: $0.revealed) } ?? []
        )
        let exporter = SpanExporter(
            document: SpanDocument(resource: Self.resource(configuration)),
            post: { await client.post($0) },
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
