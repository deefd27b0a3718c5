import Testing

@testable import Telemetry

@Suite struct MetricsRegistryTests {
    private static let calls = MetricDeclaration.counter("calls_total", labels: ["outcome", "kind"], "Calls made.")
    private static let depth = MetricDeclaration.gauge("depth", "How deep.")
    private static let took = MetricDeclaration.histogram("took_seconds", unit: .seconds, buckets: [0.1, 1], "Time.")

    /// What is said of one metric without labels after such use of it.
    private func text(_ metric: MetricDeclaration, _ use: (MetricsRegistry) -> Void) throws -> String {
        let registry = try MetricsRegistry(declaring: [metric])
        use(registry)
        return registry.renderText()
    }

    @Test func `writes counters, gauges and histograms exactly`() throws {
        let registry = try MetricsRegistry(declaring: [Self.took, Self.calls, Self.depth])
        registry.counter(Self.calls, "sent", "text").increment(by: 3)
        registry.counter(Self.calls, "sent", "image").increment()
        registry.gauge(Self.depth).record(2.5)
        let histogram = registry.histogram(Self.took)
        histogram.recordMilliseconds(100)
        histogram.recordMilliseconds(500)
        histogram.record(7)
        #expect(
            registry.renderText() == """
                # HELP calls_total Calls made.
                # TYPE calls_total counter
                calls_total{kind="image",outcome="sent"} 1
                calls_total{kind="text",outcome="sent"} 3
                # HELP depth How deep.
                # TYPE depth gauge
                depth 2.5
                # HELP took_seconds Time.
                # TYPE took_seconds histogram
                took_seconds_bucket{le="0.1"} 1
                took_seconds_bucket{le="1"} 2
                took_seconds_bucket{le="+Inf"} 3
                took_seconds_sum 7.6
                took_seconds_count 3

                """
        )
        #expect(registry.problems.isEmpty)
    }

    @Test func `writes nothing where nothing is measured`() throws {
        #expect(try MetricsRegistry(declaring: [Self.calls]).render().isEmpty)
    }

    @Test func `escapes label values and help texts`() throws {
        let metric = MetricDeclaration.counter("a", labels: ["path"], "back\\slash\nand \"quotes\"")
        let value = "a \"quoted\" back\\slash\\n line\né,}"
        let text = try text(metric) { $0.counter(metric, value).increment() }
        #expect(text.contains(#"a{path="a \"quoted\" back\\slash\\n line\né,}"} 1"#))
        let metrics = try ExpositionParser.parse(text)
        #expect(metrics["a"]?.help == #"back\\slash\nand "quotes""#)
        #expect(metrics["a"]?.samples.first?.labels == ["path": value])
    }

    @Test func `gives the same series for the same metric and label values`() throws {
        let registry = try MetricsRegistry(declaring: [Self.calls])
        registry.counter(Self.calls, "x", "y").increment()
        registry.counter(Self.calls, "x", "y").increment(by: 0.5)
        registry.total(Self.calls, "x", "y").reach(2)
        #expect(registry.value(of: "calls_total", labels: [("kind", "y"), ("outcome", "x")]) == 3.5)
        #expect(registry.value(of: "calls_total", labels: [("kind", "x"), ("outcome", "y")]) == nil)
    }

    @Test func `keeps counters from going down`() throws {
        let counter = Counter()
        counter.increment(by: 5)
        counter.increment(by: -3)
        counter.increment(by: -1.5)
        counter.increment(by: Double.nan)
        counter.increment(by: Double.infinity)
        #expect(counter.value == 5)
        counter.increment(by: Int.max)
        #expect(counter.value == Double(Int.max))
    }

    @Test func `counts what a source has had since its start, and what it has after a new one`() throws {
        let counter = Counter()
        let total = RunningTotal(counter)
        for reading in [5, 5, 7, 2] { total.reach(reading) }
        #expect(counter.value == 9)
    }

    @Test(arguments: [
        (Double.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (1e300, "1e+300"), (-0.0, "0"),
        (1e15, "1000000000000000"),
        (-1.5, "-1.5"), (0.1 + 0.2, "0.30000000000000004"), (1_048_576, "1048576"), (.leastNonzeroMagnitude, "5e-324"),
    ])
    func `writes a gauge's value as the shortest text that reads back`(value: Double, written: String) throws {
        let text = try text(Self.depth) { $0.gauge(Self.depth).record(value) }
        #expect(text.hasSuffix("\ndepth \(written)\n"))
        let read = try #require(try ExpositionParser.parse(text)["depth"]?.samples.first?.value)
        #expect(read == value || read.isNaN && value.isNaN)
    }

    @Test func `writes bounds as the shortest text that reads back`() throws {
        let bounds = [0, 0.1 + 0.2, 0.5, 1, 2.5, 1_048_576, 1e300]
        let metric = MetricDeclaration.histogram("h", buckets: bounds, "H.")
        let text = try text(metric) { $0.histogram(metric).record(1) }
        let written = text.matches(of: #/le="(.*)"/#).map { String($0.1) }
        #expect(written == ["0", "0.30000000000000004", "0.5", "1", "2.5", "1048576", "1e+300", "+Inf"])
        #expect(written.dropLast().map { Double($0) } == bounds)
    }

    @Test func `puts a value that equals a bound into that bucket and ignores what is no number`() throws {
        let metric = MetricDeclaration.histogram("h", buckets: [1, 2], "H.")
        let text = try text(metric) { registry in
            let histogram = registry.histogram(metric)
            for value in [1, 1.5, 2, 2.5, .nan, .infinity] { histogram.record(value) }
        }
        #expect(text.contains("h_bucket{le=\"1\"} 1\nh_bucket{le=\"2\"} 3\nh_bucket{le=\"+Inf\"} 5\n"))
        #expect(text.contains("h_sum +Inf\nh_count 5\n"))
    }

    @Test func `converts durations to the unit`() throws {
        let metric = MetricDeclaration.histogram("t", unit: .milliseconds, buckets: [1], "T.")
        #expect(try text(metric) { $0.histogram(metric).recordNanoseconds(2_500_000) }.contains("t_sum 2.5\n"))
        #expect(try text(Self.took) { $0.histogram(Self.took).recordMilliseconds(.max) }.contains("_sum 9223372036.8"))
    }

    @Test func `takes out a series that is removed`() throws {
        let registry = try MetricsRegistry(declaring: [Self.calls, Self.depth])
        registry.counter(Self.calls, "a", "b").increment()
        let gauge = registry.gauge(Self.depth)
        registry.remove(Self.depth)
        gauge.record(1)
        #expect(registry.value(of: "depth") == nil && registry.value(of: "none") == nil)
        #expect(!registry.renderText().contains("depth"))
        registry.gauge(Self.depth).record(2)
        #expect(registry.value(of: "depth") == 2)
    }

    @Test func `shows gauges of things that are there, and of no others`() throws {
        let lag = MetricDeclaration.gauge("lag", labels: ["partition"], "Lag.")
        let registry = try MetricsRegistry(declaring: [lag])
        let gauges = ChangingGauges<Int32>(lag, in: registry) { ["\($0)"] }
        let value = { registry.value(of: "lag", labels: [("partition", $0)]) }
        gauges.show([0: 7, 1: 8])
        gauges.show([1: 9, 2: 10])
        #expect(value("0") == nil && value("1") == 9 && value("2") == 10)
        gauges.show([0: 1.5])
        #expect(value("0") == 1.5 && value("1") == nil && value("2") == nil)
        #expect(registry.problems.isEmpty)
    }

    @Test func `leaves out what was not declared so and tells`() throws {
        let registry = try MetricsRegistry(declaring: [Self.calls, Self.depth])
        registry.gauge(Self.calls, "a", "b").record(7)
        registry.counter(Self.calls, "a").increment()
        registry.counter(.counter("calls_total", "Other."), "a").increment()
        registry.counter(.counter("other_total", "Other.")).increment()
        #expect(registry.render().isEmpty)
        #expect(
            registry.problems == [
                #"calls_total has labels ["outcome", "kind"], but was given values ["a"]"#,
                "calls_total is a counter and is also used as a gauge",
                "calls_total is not declared, or otherwise", "other_total is not declared, or otherwise",
            ]
        )
    }

    @Test func `bounds the series of a metric`() throws {
        let metric = MetricDeclaration.counter("a", labels: ["i"], "A.")
        let registry = try MetricsRegistry(declaring: [metric], maximumSeriesPerMetric: 3)
        for index in 0..<10 { registry.counter(metric, "\(index)").increment() }
        #expect(try ExpositionParser.parse(registry.renderText())["a"]?.samples.count == 3)
        #expect(registry.problems == ["a has 3 series; more are not exposed"])
    }

    @Test(arguments: [
        MetricDeclaration.counter("a b", ""), .counter("", ""), .counter("2a", ""), .gauge("größe", ""),
        .gauge("a", labels: ["a b"], ""), .gauge("a", labels: [""], ""), .gauge("a", labels: ["a:b"], ""),
        .gauge("a", labels: ["__name__"], ""), .gauge("a", labels: ["b", "b"], ""),
        .histogram("a", labels: ["le"], ""), .histogram("a", buckets: [], ""), .histogram("a", buckets: [2, 1], ""),
        .histogram("a", buckets: [1, 1], ""), .histogram("a", buckets: [1, .infinity], ""),
        .histogram("a", buckets: [.nan], ""),
    ])
    func `refuses declarations Prometheus would refuse`(declaration: MetricDeclaration) {
        #expect(throws: InvalidMetricDeclaration.self) { try MetricsRegistry(declaring: [declaration]) }
    }

    @Test func `takes names with colons and a label named le where there is no bucket`() throws {
        _ = try MetricsRegistry(declaring: [.counter("a:b_1", labels: ["le", "_x", "A9"], "")])
    }

    @Test func `refuses a name that is declared twice, as that of a metric or of its samples`() {
        for other in [MetricDeclaration.counter("a", ""), .gauge("a_count", ""), .gauge("a_sum", "")] {
            let error = #expect(throws: InvalidMetricDeclaration.self) {
                try MetricsRegistry(declaring: [other, .histogram("a", "")])
            }
            #expect(error?.description.hasPrefix("metric \"a\": ") == true)
        }
    }

    @Test(.timeLimit(.minutes(1))) func `loses no count under threads and always writes what parses`() async throws {
        let count = MetricDeclaration.counter("c", labels: ["n"], "C.")
        let fraction = MetricDeclaration.counter("f", "F.")
        let time = MetricDeclaration.histogram("t", labels: ["n"], buckets: [1], "T.")
        let registry = try MetricsRegistry(declaring: [count, fraction, time])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    // All threads make the same series at once.
                    for label in 0..<10 {
                        let counter = registry.counter(count, "\(label)")
                        let sum = registry.counter(fraction)
                        let histogram = registry.histogram(time, "\(label)")
                        for _ in 0..<500 {
                            counter.increment()
                            sum.increment(by: 0.5)
                            histogram.recordNanoseconds(1_000_000)
                        }
                    }
                }
            }
            group.addTask {
                for _ in 0..<20 { _ = try ExpositionParser.parse(registry.renderText()) }
            }
            try await group.waitForAll()
        }
        for number in 0..<10 {
            #expect(registry.value(of: "c", labels: [("n", "\(number)")]) == 2_000)
            #expect(registry.value(of: "t", labels: [("n", "\(number)")]) == 2_000)
        }
        #expect(registry.value(of: "f") == 10_000)
    }
}
