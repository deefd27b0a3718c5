import Synchronization
import Telemetry
import Testing

@Suite("Logger")
struct LoggerTests {
    private let log = LogRecorder()

    @Test("message and metadata of an event that is not written are not even made")
    func lazy() {
        let made = Atomic(0)
        func text(_ text: String) -> String {
            made.add(1, ordering: .relaxed)
            return text
        }
        let logger = log.logger(level: .info)
        logger.debug("\(text("a"))", metadata: ["k": "\(text("b"))"])
        Logger.disabled.critical("\(text("c"))", metadata: ["k": "\(text("d"))"])
        #expect(made.load(ordering: .relaxed) == 0)
        logger.info("\(text("a"))", metadata: ["k": "\(text("b"))"])
        #expect(made.load(ordering: .relaxed) == 2 && log.lines.count == 1)
    }

    @Test("a level that has changed counts for loggers that were made before, but not for one with a level of its own")
    func threshold() {
        let threshold = LogThreshold(.info)
        let lines = LogRecorder()
        let sink = LogSink(threshold: threshold, output: LogOutput { _ in lines.logger().info("written") })
        let logger = Logger(label: "test", to: sink)
        var own = logger
        own.logLevel = .warning
        logger.debug("one")
        #expect(lines.lines.count == 0)
        threshold.level = .debug
        logger.debug("two")
        own.debug("two")
        #expect(lines.lines.count == 1)
        threshold.level = .error
        logger.warning("three")
        own.warning("three")
        #expect(lines.lines.count == 2)
        #expect(logger.logLevel == .error && own.logLevel == .warning)
    }

    @Test("copies keep their own metadata")
    func copies() {
        var first = log.logger()
        first[metadataKey: "a"] = "1"
        var second = first
        second[metadataKey: "a"] = nil
        second[metadataKey: "b"] = "2"
        first.info("m")
        second.info("m")
        #expect(log.lines.map { $0.split(separator: "  ").last } == ["a=1\n", "b=2\n"])
        #expect(first[metadataKey: "a"] == .stringConvertible(1))
    }

    @Test("levels rise as they are listed")
    func levels() {
        #expect(Logger.Level.allCases == Logger.Level.allCases.sorted())
        #expect(Logger.Level(rawValue: "warning") == .warning && Logger.Level(rawValue: "warn") == nil)
    }
}
