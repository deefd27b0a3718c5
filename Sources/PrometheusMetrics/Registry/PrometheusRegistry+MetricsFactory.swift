package import CoreMetrics

/// The backend's face to swift-metrics: timers and aggregating recorders are histograms, meters and other recorders are
/// gauges.
extension PrometheusRegistry: MetricsFactory {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    package func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        if aggregate { histogram(label, dimensions) } else { gauge(label, dimensions) }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions)
    }

    package func destroyCounter(_ handler: any CounterHandler) { removeSeries(of: handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { removeSeries(of: handler) }
    package func destroyMeter(_ handler: any MeterHandler) { removeSeries(of: handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { removeSeries(of: handler) }
    package func destroyTimer(_ handler: any TimerHandler) { removeSeries(of: handler) }

    private func removeSeries(of handler: AnyObject) {
        if let series = handler as? any Series { remove(series) }
    }
}
