import Telemetry
import Testing

@testable import SendWorker

@Suite("What is logged of odd answers")
struct AnswerOddityLogTests {
    private let recorder = LogRecorder()

    private func log(_ oddities: [AnswerOddity]) {
        let log = AnswerOddities(logger: recorder.logger(), repetitions: RepetitionLimiter(interval: .seconds(60)))
        for oddity in oddities { log.log(oddity) }
    }

    @Test("another version is named once, with the key to change")
    func otherVersion() {
        let versions = ["v25.0", "v25.0", "v26.0", "v25.0"]
        log(versions.map { .otherVersion($0, asked: "v23.0") })
        #expect(recorder.lines.count == 2)
        #expect(recorder.count(of: "version v25.0 of its API, and not with v23.0") == 1)
        #expect(recorder.count(of: "set graph.version") == 2)
    }

    @Test("versions that somebody makes up neither fill the log nor break its lines")
    func madeUpVersions() {
        log((0..<100).map { .otherVersion("v\($0)\n forged", asked: "v23.0") })
        #expect(recorder.lines.count == 1)
        log((0..<100).map { .otherVersion("v\($0)", asked: "v23.0") })
        #expect(recorder.lines.count < 20)
        #expect(recorder.count(of: "forged") == 0)
    }

    @Test("another recipient is logged with its meaning, once in a while")
    func otherRecipient() {
        let oddity = AnswerOddity.otherRecipient(accountID: "178", isOutOfStep: true)
        log([oddity, oddity, .otherRecipient(accountID: "178", isOutOfStep: false)])
        #expect(recorder.lines.count == 2)
        #expect(recorder.count(of: "the call ends unknown") == 1)
        #expect(recorder.count(of: "the message counts as sent") == 1)
    }

    @Test("a call without an answer is the result's matter")
    func unknownOnReusedConnection() {
        log([.unknownOnReusedConnection])
        #expect(recorder.lines.isEmpty)
    }
}
