import Testing

@testable import SendEngine

@Suite("What brokers without transactions took of a commit that failed", .timeLimit(.minutes(1)))
struct PublishedRecordsTests {
    private typealias Record = PublishedRecords.Record

    private let epochs: [Int32: UInt64] = [1: 4, 2: 4]
    private let result = Record(partition: 1, offset: 7, topic: "results")

    private func id(_ partition: Int32, _ offset: Int64) -> RecordID {
        RecordID(partition: partition, offset: offset, epoch: 4)
    }

    @Test("where all were taken nothing is to be remembered")
    func allTaken() {
        var published = PublishedRecords()
        let isNothingMissing = published.note([], epochs: epochs)
        let areAllTaken = published.note([(result, true), (nil, true)], epochs: epochs)
        #expect(isNothingMissing && areAllTaken && !published.contains(result))
    }

    @Test("what was taken beside a failure is known, by topic, until its request's end is durable")
    func someTaken() {
        var published = PublishedRecords()
        let other = Record(partition: 2, offset: 7, topic: "results")
        let deadLetter = Record(partition: 1, offset: 7, topic: "dead-letters")
        let answers = [(result, true), (deadLetter, false), (other, true), (nil, true)]
        let areAllTaken = published.note(answers, epochs: epochs)
        #expect(!areAllTaken)
        #expect(published.contains(result) && published.contains(other) && !published.contains(deadLetter))
        published.forget([id(1, 8), id(3, 7)])
        #expect(published.contains(result))
        published.forget([id(1, 7)])
        #expect(!published.contains(result) && published.contains(other))
    }

    @Test("what was taken for an earlier assignment counts no more")
    func anotherAssignment() {
        var published = PublishedRecords()
        _ = published.note([(result, true), (nil, false)], epochs: epochs)
        published.begin([2: 9])
        #expect(published.contains(result), "nothing is said of its partition")
        published.begin(epochs)
        #expect(published.contains(result))
        published.begin([1: 5])
        #expect(!published.contains(result))
    }
}
