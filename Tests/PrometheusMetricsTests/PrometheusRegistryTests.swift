import Metrics
import Testing

@testable import PrometheusMetrics

@Suite struct PrometheusRegistryTests {
    @Test func `writes counters, gauges and histograms exactly`() throws {
        let registry = try PrometheusRegistry(declaring: [
            MetricDeclaration(name: "calls_total", help: "Calls made.", type: .counter),
            MetricDeclaration(
                name: "took_seconds",
                help: "Time.",
                type: .histogram,
                unit: .seconds,
                buckets: [0.1, 1]
            ),
        ])
        Counter(label: "calls_total", dimensions: [("outcome", "sent"), ("kind", "text")], factory: registry)
            .increment(by: 3)
        Gauge(label: "depth", factory: registry).record(2.5)
        let timer = Timer(label: "took_seconds", factory: registry)
        timer.recordMilliseconds(100)
        timer.recordMilliseconds(500)
        timer.recordSeconds(7)
        #expect(
            registry.renderText() == """
                # HELP calls_total Calls made.
                # TYPE calls_total counter
                calls_total{kind="text",outcome="sent"} 3
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
        let registry = try PrometheusRegistry(declaring: [MetricDeclaration(name: "a", help: "", type: .counter)])
        #expect(registry.render().isEmpty)
    }

    @Test func `escapes label values and help texts`() throws {
        let registry = try PrometheusRegistry(declaring: [
            MetricDeclaration(name: "a", help: "back\\slash\nand \"quotes\"", type: .counter)
        ])
        let value = "a \"quoted\" back\\slash\nline é,}"
        Counter(label: "a", dimensions: [("path", value)], factory: registry).increment()
        let metrics = try ExpositionParser.parse(registry.renderText())
        #expect(metrics["a"]?.help == #"back\\slash\nand "quotes""#)
        #expect(metrics["a"]?.samples.first?.labels == ["path": value])
    }

    @Test(arguments: [
        ("http.server.requests", "http_server_requests"), ("2nd", "_2nd"), ("a:b", "a:b"), ("größe", "gr__e"),
        ("", "_"),
    ])
    func `sanitises names`(label: String, name: String) throws {
        let registry = try PrometheusRegistry()
        Counter(label: label, factory: registry).increment()
        #expect(try ExpositionParser.parse(registry.renderText()).keys.sorted() == [name])
    }

    @Test func `sanitises label names and keeps the histogram's own label`() throws {
        let registry = try PrometheusRegistry()
        Timer(label: "t", dimensions: [("le", "x"), ("__name__", "y"), ("a.b:c", "z")], factory: registry)
            .recordSeconds(1)
        let sample = try #require(try ExpositionParser.parse(registry.renderText())["t"]?.samples.last)
        #expect(sample.labels == ["le_": "x", "_name__": "y", "a_b_c": "z"])
    }

    @Test func `shares a series between handlers of the same name and labels, in whatever order`() throws {
        let registry = try PrometheusRegistry()
        Counter(label: "a", dimensions: [("x", "1"), ("y", "2")], factory: registry).increment()
        Counter(label: "a", dimensions: [("y", "2"), ("x", "1")], factory: registry).increment()
        FloatingPointCounter(label: "a", dimensions: [("x", "1"), ("y", "2")], factory: registry).increment(by: 0.5)
        #expect(registry.value(of: "a", labels: [("y", "2"), ("x", "1")]) == 2.5)
    }

    @Test func `keeps counters from going down`() throws {
        let registry = try PrometheusRegistry()
        let counter = CounterSeries()
        counter.increment(by: Int64(5))
        counter.increment(by: Int64(-3))
        counter.increment(by: -1.5)
        counter.increment(by: Double.nan)
        counter.increment(by: Int64.max)
        #expect(counter.value == Double(Int64.max))
        counter.reset()
        #expect(counter.value == 0)
        #expect(registry.value(of: "none") == nil)
    }

    @Test func `moves meters up and down`() throws {
        let registry = try PrometheusRegistry()
        let meter = Meter(label: "m", factory: registry)
        meter.set(10)
        meter.increment(by: 2.5)
        meter.decrement(by: 4)
        #expect(registry.value(of: "m") == 8.5)
        for value in [Double.infinity, -.infinity, .nan, 1e300, -0.0, 1e15] {
            meter.set(value)
            let read = try ExpositionParser.parse(registry.renderText())["m"]?.samples.first?.value
            #expect(read == value || read?.isNaN == true && value.isNaN)
        }
    }

    @Test func `makes aggregating recorders histograms and the others gauges`() throws {
        let registry = try PrometheusRegistry()
        Recorder(label: "h", aggregate: true, factory: registry).record(3)
        Recorder(label: "g", aggregate: false, factory: registry).record(3)
        let metrics = try ExpositionParser.parse(registry.renderText())
        #expect(metrics["h"]?.type == "histogram")
        #expect(metrics["g"]?.type == "gauge")
    }

    @Test func `puts a value that equals a bound into that bucket and ignores what is no number`() throws {
        let series = HistogramSeries(bounds: [1, 2], perNanosecond: 1)
        for value in [1, 1.5, 2, 2.5, .nan] { series.record(value) }
        var writer = ExpositionWriter()
        series.write("h", labels: LabelSet([]), to: &writer)
        let text = String(decoding: writer.bytes, as: UTF8.self)
        #expect(text.contains("h_bucket{le=\"1\"} 1\nh_bucket{le=\"2\"} 3\nh_bucket{le=\"+Inf\"} 4\n"))
        #expect(text.contains("h_sum 7\n"))
    }

    @Test func `converts timers to milliseconds where that is the unit`() throws {
        let registry = try PrometheusRegistry(declaring: [
            MetricDeclaration(name: "t", help: "", type: .histogram, unit: .milliseconds, buckets: [1])
        ])
        Timer(label: "t", factory: registry).recordMicroseconds(2500)
        #expect(registry.renderText().contains("t_sum 2.5\n"))
    }

    @Test func `takes a destroyed metric out`() throws {
        let registry = try PrometheusRegistry()
        let counter = Counter(label: "a", factory: registry)
        counter.increment()
        Counter(label: "b", factory: registry).increment()
        counter.destroy()
        #expect(registry.value(of: "a") == nil)
        #expect(registry.value(of: "b") == 1)
    }

    @Test func `leaves out what conflicts and tells`() throws {
        let registry = try PrometheusRegistry()
        Counter(label: "a", factory: registry).increment()
        Gauge(label: "a", factory: registry).record(7)
        #expect(registry.value(of: "a") == 1)
        #expect(registry.problems == ["a is a counter and is also used as a gauge"])
    }

    @Test func `bounds the series of a metric`() throws {
        let registry = try PrometheusRegistry(maximumSeriesPerMetric: 3)
        for index in 0..<10 { Counter(label: "a", dimensions: [("i", "\(index)")], factory: registry).increment() }
        #expect(try ExpositionParser.parse(registry.renderText())["a"]?.samples.count == 3)
        #expect(registry.problems.count == 1)
    }

    @Test(arguments: [
        MetricDeclaration(name: "a b", help: "", type: .counter),
        MetricDeclaration(name: "", help: "", type: .counter),
        MetricDeclaration(name: "a", help: "", type: .counter, buckets: [1]),
        MetricDeclaration(name: "a", help: "", type: .histogram, buckets: []),
        MetricDeclaration(name: "a", help: "", type: .histogram, buckets: [2, 1]),
        MetricDeclaration(name: "a", help: "", type: .histogram, buckets: [1, .infinity]),
    ])
    func `refuses declarations Prometheus would refuse`(declaration: MetricDeclaration) {
        #expect(throws: InvalidMetricDeclaration.self) { try PrometheusRegistry(declaring: [declaration]) }
    }

    @Test func `refuses a name that is declared twice`() {
        let declaration = MetricDeclaration(name: "a", help: "", type: .counter)
        #expect(throws: InvalidMetricDeclaration.self) {
            try PrometheusRegistry(declaring: [declaration, declaration])
        }
    }

    @Test(.timeLimit(.minutes(1))) func `loses no count under threads and always writes what parses`() async throws {
        let registry = try PrometheusRegistry()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let counter = Counter(label: "c", factory: registry)
                    let fraction = FloatingPointCounter(label: "f", factory: registry)
                    let timer = Timer(label: "t", factory: registry)
                    for _ in 0..<5000 {
                        counter.increment()
                        fraction.increment(by: 0.5)
                        timer.recordNanoseconds(1_000_000)
                    }
                }
            }
            group.addTask {
                for _ in 0..<50 { _ = try ExpositionParser.parse(registry.renderText()) }
            }
            try await group.waitForAll()
        }
        #expect(registry.value(of: "c") == 20_000)
        #expect(registry.value(of: "t") == 20_000)
        #expect(registry.value(of: "f") == 10_000)
    }
}
