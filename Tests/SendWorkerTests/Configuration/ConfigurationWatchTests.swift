import Telemetry
import Testing

@testable import SendWorker

@Suite struct ConfigurationWatchTests {
    /// A file, and a watch over it that looks when it is told.
    private final class Stage {
        let folder: TemporaryFolder
        let recorder = LogRecorder()
        let threshold = LogThreshold(.info)
        let watch: ConfigurationWatch

        init(_ text: String, environment: [String: String] = [:]) throws {
            folder = try TemporaryFolder()
            try folder.write(text, to: "worker.yaml")
            let places = ConfigurationPlaces(environment: environment, file: "\(folder.path)/worker.yaml")
            watch = ConfigurationWatch(
                try places.load(),
                from: places,
                threshold: threshold,
                logger: recorder.logger(level: .trace)
            ) {}
        }

        func replace(_ text: String) throws { try folder.replace("worker.yaml", with: text) }

        /// Two looks: a change is read when the file has stayed the same for one.
        func looks() -> ConfigurationWatch.News? {
            let first = watch.look()
            return first ?? watch.look()
        }
    }

    @Test func `a file that stays as it is gives no news`() throws {
        let stage = try Stage("limits: { messagesPerSecond: 50 }")
        for _ in 0..<4 { #expect(stage.watch.look() == nil) }
        #expect(stage.recorder.lines.isEmpty)
    }

    @Test func `a changed limit is in force after the file has stayed the same for one look`() throws {
        let stage = try Stage("limits: { messagesPerSecond: 50 }")
        #expect(stage.looks() == nil)
        try stage.replace("limits: { messagesPerSecond: 20, accounts: { 17: { mediaPerSecond: 3 } } }")
        #expect(stage.watch.look() == nil)
        let news = try #require(stage.watch.look())
        #expect(news.outcome == .applied)
        #expect(news.effective.limits.messagesPerSecond == 20)
        #expect(news.effective.limits.accounts["17"]?.mediaPerSecond == 3)
        #expect(
            stage.recorder.count(of: "limits.messagesPerSecond: 50 -> 20; limits.accounts.17.mediaPerSecond: none -> 3")
                == 1
        )
        #expect(stage.looks() == nil)
    }

    @Test func `a file that is still being written is left alone`() throws {
        let stage = try Stage("limits: { messagesPerSecond: 50 }")
        #expect(stage.looks() == nil)
        try stage.replace("")
        #expect(stage.watch.look() == nil)
        try stage.replace("limits: { messagesPerSecond: 50 }")
        #expect(stage.looks() == nil)
        #expect(stage.looks() == nil)
        #expect(stage.recorder.lines.isEmpty)
    }

    @Test func `the log level changes for all loggers`() throws {
        let stage = try Stage("log: { level: info }")
        try stage.replace("log: { level: debug }")
        #expect(stage.looks()?.outcome == .applied)
        #expect(stage.threshold.level == .debug)
        #expect(stage.recorder.count(of: "log.level: info -> debug") == 1)
    }

    @Test func `a level that has changed counts for loggers that were made before`() {
        let threshold = LogThreshold(.info)
        let lines = LogRecorder()
        let output = LogOutput { _ in lines.logger().info("written") }
        let logger = Logger(label: "test", to: LogSink(threshold: threshold, output: output))
        logger.debug("one")
        threshold.level = .debug
        logger.debug("two")
        threshold.level = .error
        logger.warning("three")
        #expect(lines.lines.count == 1)
    }

    @Test func `other keys are named once and wait for a restart`() throws {
        let stage = try Stage("retry: { maxAttempts: 5 }")
        try stage.replace("retry: { maxAttempts: 6 }\nworker: { maxInFlight: 7 }")
        let news = try #require(stage.looks())
        #expect(news.outcome == .unchanged)
        #expect(news.effective.retry.maxAttempts == 5)
        let said = "retry.maxAttempts: 5 -> 6; worker.maxInFlight: 512 -> 7"
        #expect(stage.recorder.count(of: "only after a restart") == 1)
        #expect(stage.recorder.count(of: said) == 1)
        try stage.replace("retry: { maxAttempts: 6 }\nworker: { maxInFlight: 7 }\nlimits: { mediaPerSecond: 2 }")
        #expect(stage.looks()?.outcome == .applied)
        #expect(stage.recorder.count(of: "only after a restart") == 1)
        // Back as it was: nothing waits any more.
        try stage.replace("retry: { maxAttempts: 5 }\nlimits: { mediaPerSecond: 2 }")
        #expect(stage.looks()?.outcome == .unchanged)
        #expect(stage.recorder.count(of: "only after a restart") == 1)
    }

    @Test func `a mistake is refused as a whole with the usual line, once, and mended by the next change`() throws {
        let stage = try Stage("limits: { messagesPerSecond: 50 }")
        try stage.replace("limits: { messagesPerSecond: 20 }\nretry: { maxDelay: soon }")
        let news = try #require(stage.looks())
        #expect(news.outcome == .refused)
        #expect(news.effective.limits.messagesPerSecond == 50)
        #expect(stage.recorder.lines.contains { $0.contains("retry.maxDelay") && $0.contains("worker.yaml line 2") })
        for _ in 0..<3 { #expect(stage.watch.look() == nil) }
        #expect(stage.recorder.count(of: "is refused") == 1)
        try stage.folder.remove("worker.yaml")
        #expect(stage.looks()?.outcome == .refused)
        #expect(stage.recorder.count(of: "cannot be read") == 1)
        try stage.replace("limits: { messagesPerSecond: 20 }")
        #expect(stage.looks()?.outcome == .applied)
    }

    @Test func `whoever asks is answered at once, also where nothing has changed`() throws {
        let stage = try Stage("limits: { messagesPerSecond: 50 }")
        stage.watch.reload()
        #expect(stage.watch.look()?.outcome == .unchanged)
        #expect(stage.recorder.count(of: "read again") == 1)
        try stage.replace("limits: { messagesPerSecond: 51 }")
        stage.watch.reload()
        #expect(stage.watch.look()?.outcome == .applied)
        #expect(stage.looks() == nil)
    }

    @Test func `what stands above the file still wins`() throws {
        let stage = try Stage("limits: { messagesPerSecond: 50 }", environment: ["LIMITS_MESSAGES_PER_SECOND": "40"])
        try stage.replace("limits: { messagesPerSecond: 20, mediaPerSecond: 4 }")
        let news = try #require(stage.looks())
        #expect(news.effective.limits.messagesPerSecond == 40)
        #expect(news.effective.limits.mediaPerSecond == 4)
    }

    @Test func `a changed secret is named and never shown`() throws {
        let stage = try Stage("graph: { appSecret: hush1 }\nkafka: { properties: { sasl.password: hush2 } }")
        try stage.replace("graph: { appSecret: hush3 }\nkafka: { properties: { sasl.password: hush4 } }")
        #expect(stage.looks()?.outcome == .unchanged)
        #expect(stage.recorder.count(of: "graph.appSecret: <redacted> -> <redacted>") == 1)
        #expect(stage.recorder.count(of: "kafka.properties.sasl.password: <redacted> -> <redacted>") == 1)
        #expect(stage.recorder.count(of: "hush") == 0)
    }

    @Test(arguments: ConfigurationKey.all.filter(\.isSecret).map(\.name))
    func `no secret changes unnoticed`(name: String) throws {
        let key = try #require(ConfigurationKey.all.first { $0.name == name })
        var (old, new) = (WorkerConfiguration(), WorkerConfiguration())
        let text = name == "graph.proxy" ? "http://name:hush@host:" : "name=hush"
        #expect(key.load("\(text)1", &old) == nil)
        #expect(key.load("\(text)2", &new) == nil)
        let changes = ConfigurationChange.between(old, new)
        #expect(changes.map(\.description) == ["\(name): <redacted> -> <redacted>"])
    }

    @Test func `without a file there is something to read only for whoever asks`() throws {
        let places = ConfigurationPlaces()
        let watch = ConfigurationWatch(try places.load(), from: places, logger: LogRecorder().logger()) {}
        #expect(watch.look() == nil)
        watch.reload()
        #expect(watch.look()?.outcome == .unchanged)
    }

    @Test(arguments: ConfigurationKey.all.map(\.name))
    func `a change of any key is seen`(name: String) throws {
        let key = try #require(ConfigurationKey.all.first { $0.name == name })
        let old = WorkerConfiguration()
        let texts =
            ["7", "7s", "7h", "true", "false", "other", "debug", "json", "forward", "at_most_once", "at_least_once"]
            + ["v99.0", "https://example.com", "host:1", "0.25", "name=value", "http://host:1"]
        let others = texts.compactMap { text -> WorkerConfiguration? in
            var new = old
            return key.load(text, &new) == nil && new != old ? new : nil
        }
        let new = try #require(others.first)
        #expect(ConfigurationChange.between(old, new).map(\.key) == [name])
        #expect(ConfigurationChange.between(old, old).isEmpty)
    }
}
