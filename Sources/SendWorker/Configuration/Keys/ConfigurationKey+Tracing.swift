extension ConfigurationKey {
    static let tracing = [
        ConfigurationKey(
            "tracing.endpoint",
            \.tracing.endpoint,
            .collectorURL,
            "the OpenTelemetry collector that spans go to, by OTLP/HTTP; without it nothing is traced"
        ),
        ConfigurationKey(
            "tracing.headers",
            \.tracing.headers,
            .headers,
            "HTTP headers for the collector, to prove who sends; a comma in a value is %2C"
        ),
        ConfigurationKey(
            "tracing.sampleRatio",
            \.tracing.sampleRatio,
            .decimal(0...1),
            "the share of requests without a trace context that is traced; for others the context decides"
        ),
    ]
}
