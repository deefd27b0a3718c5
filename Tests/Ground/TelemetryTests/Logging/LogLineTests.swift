import Foundation
import Telemetry
import Testing

@Suite("Log lines")
struct LogLineTests {
    private let log = LogRecorder()

    @Test("a line for people has time, aligned level, message and sorted metadata")
    func text() {
        var logger = log.logger(.text)
        logger[metadataKey: "partition"] = "3"
        logger.info("taken over", metadata: ["base": "17", "reason": "a b", "empty": ""])
        logger.warning("slow", metadata: ["partition": "4"])
        logger.debug("not said")
        #expect(
            log.lines == [
                "2026-01-02T03:04:05.678Z INFO     taken over  base=17  empty=\"\"  partition=3  reason=\"a b\"\n",
                "2026-01-02T03:04:05.678Z WARNING  slow  partition=4\n",
            ]
        )
    }

    @Test("lists and maps have one order in a line for people")
    func nested() {
        log.logger(.text).info(
            "m",
            metadata: ["p": ["0", "1"], "q": ["b": "x\"", "a": ["c"]], "r": [:], "n": .array([])]
        )
        #expect(
            log.lines == [
                #"2026-01-02T03:04:05.678Z INFO     m  n=[]  p="[\"0\", \"1\"]"  q="[\"a\": \"[\\\"c\\\"]\", \"b\": \"x\\\"\"]"  r=[:]"#
                    + "\n"
            ]
        )
    }

    @Test("every level is written with its name, as wide as the widest")
    func levels() {
        let logger = log.logger(.text, level: .trace)
        for level in Logger.Level.allCases { logger.log(level: level, "m") }
        #expect(
            log.lines.map { $0.dropFirst("2026-01-02T03:04:05.678Z ".count) } == [
                "TRACE    m\n", "DEBUG    m\n", "INFO     m\n", "NOTICE   m\n", "WARNING  m\n", "ERROR    m\n",
                "CRITICAL m\n",
            ]
        )
    }

    @Test("a line for machines is one JSON object with nested metadata")
    func json() throws {
        log.logger(.json, level: .debug).debug(
            "said \"so\"\n",
            metadata: ["list": ["a", "b"], "map": ["k": "\u{1}é"], "number": .stringConvertible(Double.nan)]
        )
        let line = try #require(log.lines.first)
        #expect(log.lines.count == 1 && line.hasSuffix("}\n"))
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(object["time"] as? String == "2026-01-02T03:04:05.678Z")
        #expect(object["level"] as? String == "debug")
        #expect(object["logger"] as? String == "test")
        #expect(object["message"] as? String == "said \"so\"\n")
        let metadata = try #require(object["metadata"] as? [String: Any])
        #expect(metadata["list"] as? [String] == ["a", "b"])
        #expect((metadata["map"] as? [String: String]) == ["k": "\u{1}é"])
        #expect(metadata["number"] as? String == "nan")
    }

    @Test("the members of a line for machines stand in one order, without metadata where there is none")
    func order() {
        log.logger(.json).info("m")
        log.logger(.json).info("m", metadata: ["b": "2", "a": ["d": "4", "c": "3"]])
        let start = #"{"time":"2026-01-02T03:04:05.678Z","level":"info","logger":"test","message":"m""#
        #expect(
            log.lines == [start + "}\n", start + #","metadata":{"a":{"c":"3","d":"4"},"b":"2"}}"# + "\n"]
        )
    }

    @Test("an event is one line, whatever line breaks and controls it holds", arguments: LogFormat.allCases)
    func oneLine(format: LogFormat) {
        let controls = "\r\n\u{0}\u{8}\u{1b}[31m\u{7f}\u{80}\u{85}\u{9f}\u{2028}\u{2029}\t"
        log.logger(format).error("m\(controls)", metadata: ["k\(controls)": "v\(controls)", "l": ["\(controls)": "w"]])
        #expect(log.lines.count == 1)
        let scalars = log.lines[0].dropLast().unicodeScalars
        #expect(
            scalars.allSatisfy { scalar in
                scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value)
                    && !(0x2028...0x2029).contains(scalar.value)
            }
        )
        let visible = #"\r\n\u0000\u0008\u001b[31m\u007f\u0080\u0085\u009f\u2028\u2029\t"#
        #expect(log.lines[0].contains("m" + visible) && log.lines[0].contains("k" + visible))
        #expect(log.lines[0].contains("v" + visible))
    }

    @Test("bytes that are no UTF-8 become U+FFFD, and the line is written", arguments: LogFormat.allCases)
    func invalidText(format: LogFormat) {
        let text = String(decoding: [0x61, 0xff, 0xc3, 0x62] as [UInt8], as: UTF8.self)
        log.logger(format).error("broken", metadata: ["text": "\(text)"])
        #expect(log.lines.first?.contains("a\u{fffd}\u{fffd}b") == true)
    }
}

@Suite("Time of day")
struct WallClockTests {
    @Test("a time is written in UTC with milliseconds, over leap years and centuries")
    func known() throws {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        var generator = SystemRandomNumberGenerator()
        var seconds = (0..<2_000).map { _ in UInt64.random(in: 0..<16_000_000_000, using: &generator) }
        seconds += [0, 951_782_399, 951_782_400, 951_868_800, 4_107_542_399, 4_107_542_400, 1_709_164_800]
        for second in seconds {
            let nanoseconds = second * 1_000_000_000 + UInt64.random(in: 0..<1_000) * 1_000_000 + 999_999
            let date = Date(timeIntervalSince1970: Double(nanoseconds / 1_000_000) / 1_000 + 0.000_1)
            #expect(WallClock.text(nanoseconds: nanoseconds) == date.formatted(style))
        }
        #expect(WallClock.text(nanoseconds: 0) == "1970-01-01T00:00:00.000Z")
        #expect(WallClock.text(nanoseconds: 951_827_696_789_999_999) == "2000-02-29T12:34:56.789Z")
    }

    @Test("a line begins with the current time")
    func now() throws {
        let text = LogSink.currentTime()
        #expect(text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil, "\(text)")
        let parsed = try Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        #expect(abs(parsed.timeIntervalSinceNow) < 60)
    }
}
