import Foundation
import SendWorker
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
        logger.warning("slow")
        logger.debug("not said")
        #expect(
            log.lines == [
                "2026-01-02T03:04:05.678Z INFO     taken over  base=17  empty=\"\"  partition=3  reason=\"a b\"\n",
                "2026-01-02T03:04:05.678Z WARNING  slow  partition=3\n",
            ]
        )
    }

    @Test("a line for machines is one JSON object with nested metadata")
    func json() throws {
        log.logger(.json, level: .debug).debug(
            "said \"so\"\n",
            metadata: ["list": ["a", "b"], "map": ["k": "\u{1}é"]]
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
    }

    @Test(
        "an event is one line, whatever line breaks and controls it holds",
        arguments: [
            WorkerConfiguration.Log.Format.text, .json,
        ]
    )
    func oneLine(format: WorkerConfiguration.Log.Format) {
        log.logger(format).error("a\nb\r\u{2028}\u{1b}[31m", metadata: ["k\n": "v\nw"])
        #expect(log.lines.count == 1)
        let scalars = log.lines[0].dropLast().unicodeScalars
        #expect(scalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x2028 })
    }

    @Test("the time of a line is the current one in UTC with milliseconds")
    func time() throws {
        let text = LineLogHandler.currentTime()
        #expect(text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil, "\(text)")
        let parsed = try Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        #expect(abs(parsed.timeIntervalSinceNow) < 60)
    }
}
