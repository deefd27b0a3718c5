import Telemetry
import Testing

@Suite("Repetition limiter")
struct RepetitionLimiterTests {
    private let time = ManualClock()
    private let log = LogRecorder()
    private var limiter: RepetitionLimiter {
        RepetitionLimiter(interval: .seconds(30)) { [time] in time.now }
    }

    @Test("a condition is said at once, then once per interval with the number of times it was not said")
    func counting() {
        let limiter = limiter
        #expect(limiter.permit("down") == 0)
        time.advance(.seconds(10))
        #expect(limiter.permit("down") == nil)
        time.advance(.seconds(19))
        #expect(limiter.permit("down") == nil)
        time.advance(.seconds(1))
        #expect(limiter.permit("down") == 2)
        #expect(limiter.permit("down") == nil)
        time.advance(.seconds(30))
        #expect(limiter.permit("down") == 1)
        time.advance(.seconds(30))
        #expect(limiter.permit("down") == 0)
    }

    @Test("conditions do not silence each other, and one that is over is said at once when it comes again")
    func independent() {
        let limiter = limiter
        #expect(limiter.permit("a") == 0)
        #expect(limiter.permit("b") == 0)
        #expect(limiter.permit("a") == nil)
        limiter.forget("a")
        #expect(limiter.permit("a") == 0)
        #expect(limiter.permit("b") == nil)
    }

    @Test("thousands of different conditions are all said, and old ones make room")
    func many() {
        let limiter = limiter
        for number in 0..<3000 {
            #expect(limiter.permit("\(number)") == 0)
        }
        time.advance(.seconds(30))
        #expect(limiter.permit("new") == 0)
        #expect(limiter.permit("new") == nil)
    }

    @Test("logging says what was suppressed, and a message below the log level counts as not logged")
    func logging() {
        let limiter = limiter
        let logger = log.logger(level: .info)
        limiter.log("quiet", level: .debug, to: logger)
        limiter.log("quiet", level: .info, to: logger)
        for broker in 1...3 {
            limiter.log("broker \(broker) is down", key: "down", level: .warning, to: logger, metadata: ["a": "b"])
        }
        time.advance(.seconds(31))
        limiter.log("broker 4 is down", key: "down", level: .warning, to: logger, metadata: ["a": "b"])
        let said = log.lines.map { $0.dropFirst("2026-01-02T03:04:05.678Z ".count) }
        #expect(
            said == [
                "INFO     quiet\n", "WARNING  broker 1 is down  a=b\n", "WARNING  broker 4 is down  a=b  repeated=2\n",
            ]
        )
    }
}
