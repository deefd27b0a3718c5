import HTTP
import HTTPCodec
import Testing

@testable import HTTPTrial

/// The comparison finds what it is for.
@Suite("Comparison of both sides")
struct ComparisonTests {
    private static let conditions = Comparison.Conditions(
        isSecure: false,
        isProxied: false,
        mayBeRefused: false,
        namesMayFail: false,
        connectTimeout: .seconds(1),
        maxConnectionAge: .seconds(300),
        strays: 1
    )

    private var plan = CallPlan(honest: 7, seed: 1)
    private var record = CallRecord()
    private var sighting = Sightings.Sighting()

    /// An answered call, on the second place of its connection.
    init() {
        record.started = 1_000
        record.written = 2_000
        record.ended = 3_000
        record.endings = 1
        record.verdict = .answered(answer())
        sighting.times = 1
        sighting.place = 1
        sighting.isTreated = true
        sighting.answer = Sightings.SentAnswer(mark: "7.1", status: 200, length: 9, isComplete: true)
    }

    private func answer(_ mark: String = "7.1", status: Int = 200, body: [UInt8]? = nil) -> CallRecord.Answer {
        let body = body ?? TrialRequest.text(mark, count: 9)
        let response = HTTPResponse(status: status, headers: ["X-Answer": mark], body: body)
        return CallRecord.Answer(response, isFirstExchange: false)
    }

    private var violations: [String] {
        Comparison(id: 7, plan: plan, record: record, sighting: sighting, conditions: Self.conditions).violations()
    }

    private mutating func fail(_ kind: HTTPCallFailure.Kind, wasWritten: Bool, status: Int? = nil) {
        record.verdict = .failed(
            HTTPCallFailure(
                kind,
                wasWritten: wasWritten,
                partial: status.map { HTTPResponse(status: $0) },
                onReusedConnection: wasWritten
            )
        )
    }

    @Test func allowsWhatFitsTogether() {
        #expect(violations.isEmpty)
    }

    @Test func findsAnEndThatIsToldTwiceOrNever() {
        var copy = self
        copy.record.endings = 2
        #expect(!copy.violations.isEmpty)
        copy.record.endings = 0
        #expect(!copy.violations.isEmpty)
    }

    @Test func findsARequestThatIsRepeated() {
        var copy = self
        copy.sighting.times = 2
        #expect(!copy.violations.isEmpty)
    }

    @Test func findsTheAnswerToAnotherRequest() {
        var copy = self
        for mark in ["8.1", "7.2", "behind.7", "stray.2"] {
            copy.record.verdict = .answered(answer(mark))
            #expect(!copy.violations.isEmpty, "\(mark)")
        }
        copy.record.verdict = .answered(answer("stray.1"))
        #expect(copy.violations.isEmpty, "one that crossed")
    }

    @Test func findsAnAnswerThatWasNotWholeOrIsAnotherOne() {
        var copy = self
        copy.sighting.answer?.isComplete = false
        #expect(!copy.violations.isEmpty)
        copy = self
        copy.plan.fault = .cutBody
        #expect(!copy.violations.isEmpty)
        copy = self
        copy.record.verdict = .answered(answer(status: 201))
        #expect(!copy.violations.isEmpty)
        copy.record.verdict = .answered(answer(body: Array("7.1;7.1;7.1;".utf8)))
        #expect(!copy.violations.isEmpty)
        copy.record.verdict = .answered(answer(body: Array("something".utf8)))
        #expect(!copy.violations.isEmpty)
    }

    @Test func findsACallThatIsNotSentAndSeen() {
        var copy = self
        copy.fail(.reset, wasWritten: false)
        #expect(!copy.violations.isEmpty)
        copy.sighting = Sightings.Sighting()
        #expect(copy.violations.isEmpty)
    }

    @Test func findsAnAnswerThatIsLost() {
        var copy = self
        copy.fail(.closedByServer, wasWritten: true)
        #expect(!copy.violations.isEmpty)
        copy.plan.fault = .thenReset
        #expect(copy.violations.isEmpty)
    }

    @Test func findsAStatusThatIsLost() {
        var copy = self
        copy.plan.fault = .cutBody
        copy.fail(.closedByServer, wasWritten: true)
        #expect(!copy.violations.isEmpty)
        copy.fail(.closedByServer, wasWritten: true, status: 200)
        #expect(copy.violations.isEmpty)
        copy.fail(.closedByServer, wasWritten: true, status: 500)
        #expect(!copy.violations.isEmpty)
    }

    @Test func findsAReasonThatIsNone() {
        var copy = self
        copy.sighting = Sightings.Sighting()
        for kind: HTTPCallFailure.Kind in [.cancelled, .tooLate, .shutDown, .poolTimeout, .outOfDescriptors] {
            copy.fail(kind, wasWritten: false)
            #expect(!copy.violations.isEmpty, "\(kind)")
        }
        copy.plan.cancelAfter = 5
        copy.fail(.cancelled, wasWritten: false)
        #expect(copy.violations.isEmpty)
    }
}
