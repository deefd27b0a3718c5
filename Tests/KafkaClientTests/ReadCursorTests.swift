import Testing

@testable import KafkaClient

struct ReadCursorTests {
    private let partition = TopicPartition(topic: "t", partition: 0)

    @Test func theRecordBeforeTheEndIsTheLast() {
        var cursor = ReadCursor(ends: [partition: 3])
        let first = cursor.take(partition, offset: 1)
        #expect(first && !cursor.isAtEnd)
        let last = cursor.take(partition, offset: 2)
        #expect(last && cursor.isAtEnd)
        let later = cursor.take(partition, offset: 3)
        #expect(!later)
    }

    @Test func aGapOverTheEndIsTheEnd() {
        var cursor = ReadCursor(ends: [partition: 3])
        let beyond = cursor.take(partition, offset: 5)
        #expect(!beyond && cursor.isAtEnd)
    }

    @Test func theEndOfThePartitionCountsOnceItIsFarEnough() {
        var cursor = ReadCursor(ends: [partition: 3])
        cursor.reachEnd(partition, offset: 2)
        #expect(!cursor.isAtEnd)
        cursor.reachEnd(partition, offset: 3)
        #expect(cursor.isAtEnd)
    }
}
