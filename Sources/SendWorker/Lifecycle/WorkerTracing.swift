import Telemetry

/// What traces a worker: a tracer that it was given, the collector that its configuration names, or nothing.
struct WorkerTracing: Sendable {
    /// Nil where nothing is traced.
    let requests: RequestTracing?
    private let pipeline: SpanPipeline?

    init(_ inputs: WorkerParts.Inputs, metrics: WorkerMetrics) {
        let configuration = inputs.configuration
        let given = inputs.tracer
        pipeline =
            given == nil
            ? SpanPipeline(
                configuration,
                metrics: metrics,
                logger: inputs.logger,
                repetitions: inputs.repetitions,
                reactor: inputs.reactors.side
            ) : nil
        let tracer: SpanTracer? = given ?? pipeline?.tracer
        requests = tracer.map { tracer in
            RequestTracing(
                tracer: tracer,
                graphBaseURL: configuration.graph.baseURL,
                ownBaseURL: { [tokens = inputs.tokens] in tokens.access(for: $0)?.own.baseURL }
            )
        }
    }

    /// Begins to export spans.
    func start() { pipeline?.start() }

    /// Exports the last ones, for a few seconds at most.
    func close(in shutdown: ShutdownSteps) async {
        guard let pipeline else { return }
        await shutdown.run("exporting the last spans", within: .seconds(8)) {
            await pipeline.close()
            return true
        }
    }
}
