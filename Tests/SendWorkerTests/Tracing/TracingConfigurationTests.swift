import Reactor
import Telemetry
import Testing

@testable import SendWorker

@Suite("Configuration of tracing")
struct TracingConfigurationTests {
    private func load(_ assignments: String...) throws -> LoadedConfiguration {
        try LoadedConfiguration.load(options: assignments.map { try ConfigurationOption(assignment: $0) })
    }

    private func problem(_ assignment: String) throws -> String {
        let error = #expect(throws: ConfigurationError.self) { try load(assignment) }
        return try #require(error?.problems.first)
    }

    @Test("the endpoint is a base URL")
    func endpoint() throws {
        let loaded = try load("tracing.endpoint=http://localhost:4318/").configuration
        #expect(loaded.tracing.endpoint == "http://localhost:4318")
        #expect(try problem("tracing.endpoint=localhost:4318").contains("http://localhost:4318"))
        #expect(try problem("tracing.endpoint=http://localhost:4318/v1/traces").contains("leave it out"))
        #expect(try problem("tracing.endpoint=http://user:secret-abc@localhost").contains("user"))
    }

    @Test("headers are a list of names and values, and no problem repeats them")
    func headers() throws {
        let loaded = try load("tracing.headers=x-api-key=k=1, Authorization=Basic abc==")
        let headers = try #require(loaded.configuration.tracing.headers)
        let members = try #require(HeaderList.parse(headers.revealed))
        #expect(members.map(\.0) == ["x-api-key", "Authorization"])
        #expect(members.map(\.1) == ["k=1", "Basic abc=="])
        #expect(loaded.report.entries.first { $0.key == "tracing.headers" }?.value == "<redacted>")
        for text in [
            "secret-abc", "a b=secret-abc", "a=1,secret-abc", "=secret-abc", "a=,b=secret-abc", "host=secret-abc",
            "a=secret-abcä", "a=secret-abc%0A",
        ] {
            let problem = try problem("tracing.headers=\(text)")
            #expect(problem.hasPrefix("tracing.headers") && !problem.contains("secret-abc"), "\(problem)")
        }
    }

    @Test("the ratio is a share")
    func ratio() throws {
        #expect(try load("tracing.sampleRatio=0.25").configuration.tracing.sampleRatio == 0.25)
        #expect(try problem("tracing.sampleRatio=1.5").contains("0 to 1"))
    }

    @Test("headers that can be read on their way, and a ratio without an endpoint, are warned of")
    func warnings() throws {
        #expect(try load("tracing.endpoint=http://10.0.0.1:4318", "tracing.headers=a=b").warnings.count == 1)
        #expect(try load("tracing.endpoint=http://10.0.0.1:4318").warnings == [])
        #expect(try load("tracing.endpoint=https://10.0.0.1:4318", "tracing.headers=a=b").warnings == [])
        #expect(try load("tracing.sampleRatio=1").warnings.count == 1)
    }

    @Test("without an endpoint there is no tracer")
    func off() async throws {
        let reactor = try Reactor(name: "test")
        var configuration = WorkerConfiguration()
        configuration.tracing.sampleRatio = 1
        let pipeline = SpanPipeline(
            configuration,
            metrics: try WorkerMetrics(),
            logger: LogRecorder().logger(),
            repetitions: RepetitionLimiter(interval: .seconds(30)),
            reactor: reactor
        )
        #expect(pipeline.map { _ in "a tracer" } == nil)
        await reactor.shutdown()
    }

    @Test("spans are counted by what became of them, from the start with 0")
    func metrics() throws {
        let metrics = try WorkerMetrics()
        metrics.spans(.exported, 3)
        metrics.spans(.dropped, 2)
        let name = "send_worker_spans_total"
        #expect(metrics.registry.value(of: name, labels: [("result", "exported")]) == 3)
        #expect(metrics.registry.value(of: name, labels: [("result", "dropped")]) == 2)
        #expect(metrics.registry.value(of: name, labels: [("result", "failed")]) == 0)
    }
}
