import InstagramMessaging
import KafkaClient
import OperatorTools
import Testing

@Suite struct RedriveJournalTests {
    private func letter(_ offset: Int64, id: String = "r-1") throws -> DeadLetter {
        try #require(DeadLetter(Letters.record(offset: offset, value: Letters.request(id))))
    }

    private func entry(_ offset: Int64, id: String = "r-1") throws -> RedriveJournal.Entry {
        let letter = try letter(offset, id: id)
        return RedriveJournal.Entry(letter, becoming: letter.redriveRecord(topic: "requests"))
    }

    private let run = RedriveJournal.runLine(
        deadLetters: "dead-letters",
        requests: "requests",
        ends: [1: 40, 0: 7],
        at: Letters.now
    )

    @Test func whatIsWrittenIsReadAgain() throws {
        let text =
            run + RedriveJournal.intentLine([try entry(1), try entry(2)]) + RedriveJournal.doneLine([try entry(1)])
        let journal = try RedriveJournal(text: Array(text.utf8))
        #expect(journal.topics?.deadLetters == "dead-letters")
        #expect(journal.topics?.requests == "requests")
        #expect(journal.ends == [0: 7, 1: 40])
        #expect(journal.count == 1)
        #expect(journal.contains(try letter(1)))
        #expect(!journal.contains(try letter(2)))
        #expect(journal.doubtful == [try entry(2)])
    }

    @Test func anEmptyFileKnowsNothing() throws {
        let journal = try RedriveJournal(text: [])
        #expect(journal.topics == nil)
        #expect(journal.count == 0)
        #expect(journal.doubtful.isEmpty)
    }

    @Test func aLastLineThatWasCutOffIsPassedOverAnyOtherThatIsWrongIsNamed() throws {
        let intent = RedriveJournal.intentLine([try entry(1)])
        let cut = try RedriveJournal(text: Array((run + intent.dropLast(5)).utf8))
        #expect(cut.doubtful.isEmpty)
        #expect(throws: RedriveJournal.Malformed(line: 2)) {
            try RedriveJournal(text: Array((run + "{\"done\":[[1]]}\n" + intent).utf8))
        }
        #expect(throws: RedriveJournal.Malformed(line: 1)) { try RedriveJournal(text: Array("hello\n".utf8)) }
    }

    @Test func aDeadLetterOfAnotherTimeAtTheSamePlaceIsAnotherOne() throws {
        var journal = RedriveJournal()
        journal.finish([try entry(1)])
        var other = try letter(1)
        other.time = other.time.adding(milliseconds: 1)
        #expect(!journal.contains(other))
    }

    @Test func aRunThatIsCompleteLeavesNoDoubtAndANewOneBeginsWithoutAny() throws {
        var journal = RedriveJournal()
        journal.begin(deadLetters: "d", requests: "r", ends: [:])
        journal.intend([try entry(1)])
        journal.finish([try entry(1)])
        #expect(journal.doubtful.isEmpty)
        journal.intend([try entry(2)])
        #expect(journal.doubtful == [try entry(2)])
        journal.begin(deadLetters: "d", requests: "r", ends: [:])
        #expect(journal.doubtful.isEmpty)
        #expect(journal.contains(try letter(1)))
    }

    @Test func ofTheDoubtfulThoseCountAsPublishedThatStandOnTheRequestsTopic() throws {
        var journal = RedriveJournal()
        journal.begin(deadLetters: "d", requests: "r", ends: [:])
        journal.intend([try entry(1, id: "a"), try entry(2, id: "b")])
        #expect(journal.published(given: [try entry(2, id: "b").fingerprint: 1]) == [try entry(2, id: "b")])
        #expect(journal.published(given: [:]).isEmpty)
    }

    @Test func ofEqualRequestsOnlySoManyCountAsPublishedAsThereAreBesidesTheKnownOnes() throws {
        var journal = RedriveJournal()
        journal.begin(deadLetters: "d", requests: "r", ends: [:])
        journal.intend([try entry(1), try entry(2), try entry(3)])
        journal.finish([try entry(1)])
        let fingerprint = try entry(1).fingerprint
        #expect(journal.published(given: [fingerprint: 1]).isEmpty)
        #expect(journal.published(given: [fingerprint: 2]) == [try entry(2)])
        #expect(journal.published(given: [fingerprint: 3]) == [try entry(2), try entry(3)])
    }

    @Test func theFingerprintOfARecordThatIsReadIsThatOfTheOneThatWasWritten() throws {
        let written = try letter(1).redriveRecord(topic: "requests")
        var read = KafkaRecord(
            topic: "requests",
            partition: 0,
            offset: 5,
            key: written.key,
            value: written.value,
            headers: written.headers
        )
        #expect(RedriveFingerprint.of(read) == RedriveFingerprint.of(written))
        read.value = []
        let empty = RedriveFingerprint.of(read)
        read.value = nil
        #expect(RedriveFingerprint.of(read) != empty)
        read.headers = []
        #expect(RedriveFingerprint.of(read) == nil)
    }
}
