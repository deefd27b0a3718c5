/// Commits that nobody has answered yet.
///
/// librdkafka gets a number with each commit and gives it back with the answer, so an answer that comes after everybody
/// has stopped waiting touches no freed memory.
struct PendingCommits {
    /// A commit that waits for the end of a rebalance.
    struct Held {
        var number: UInt
        var offsets: [TopicPartition: Int64]
    }

    private var lastNumber: UInt = 0
    private var promises: [UInt: Promise<KafkaError?>] = [:]
    private var held: [Held] = []

    mutating func open(_ promise: Promise<KafkaError?>) -> UInt {
        lastNumber += 1
        promises[lastNumber] = promise
        return lastNumber
    }

    mutating func hold(_ number: UInt, _ offsets: [TopicPartition: Int64]) {
        held.append(Held(number: number, offsets: offsets))
    }

    /// The held commits that somebody still waits for.
    mutating func takeHeld() -> [Held] {
        defer { held = [] }
        return held.filter { promises[$0.number] != nil }
    }

    /// Nobody waits any more.
    mutating func forget(_ number: UInt) { promises[number] = nil }

    mutating func end(_ number: UInt, _ error: KafkaError?) {
        promises.removeValue(forKey: number)?.fulfil(error)
    }

    mutating func failAll(_ error: KafkaError) {
        for promise in promises.values { promise.fulfil(error) }
        promises = [:]
        held = []
    }
}
