import Synchronization
import Telemetry
import Testing

@testable import SendWorker

@Suite struct PlacementWatchTests {
    private final class Count: Sendable {
        private let counted = Mutex(0)

        var value: Int { counted.withLock { $0 } }

        func increment() { counted.withLock { $0 += 1 } }
    }

    private let recorder = LogRecorder()
    private let counted = Count()

    private func watch(partitions: Int?) -> PlacementWatch {
        let watch = PlacementWatch(
            topic: "requests",
            logger: recorder.logger(),
            repetitions: RepetitionLimiter(interval: .seconds(600)),
            count: { [counted] in counted.increment() }
        )
        if let partitions { watch.setPartitions(partitions) }
        return watch
    }

    private func accounts(_ count: Int) -> [String] { (0..<count).map { "1784140000000\(1_000 + $0)" } }

    /// What `Utils.murmur2` of Kafka's clients gives, from Kafka's own tests.
    @Test(arguments: [
        ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971), ("abc", 479_470_107),
    ])
    func hashesAsTheJavaClientDoes(_ key: String, _ hash: Int) {
        #expect(Int(Int32(bitPattern: KeyPlacement.murmur2Hash(Array(key.utf8)))) == hash)
    }

    @Test func namesTheChecksumThatLibrdkafkaTakesByDefault() {
        // The check value of CRC-32, 0xCBF43926.
        #expect(KeyPlacement.crc32(Array("123456789".utf8), of: 1_000) == Int32(0xCBF4_3926 % 1_000))
    }

    @Test func countsNothingWhereAccountsStandWhereTheyBelong() {
        let watch = watch(partitions: 6)
        for account in accounts(100) { watch.note(account, in: KeyPlacement.murmur2(account.utf8, of: 6)) }
        #expect(counted.value == 0)
    }

    @Test func countsAndWarnsOnceWhereTwoPlacementsOccur() {
        let watch = watch(partitions: 6)
        let accounts = accounts(100)
        let misplaced = accounts.count { KeyPlacement.murmur2($0.utf8, of: 6) != KeyPlacement.crc32($0.utf8, of: 6) }
        for account in accounts {
            watch.note(account, in: KeyPlacement.murmur2(account.utf8, of: 6))
            watch.note(account, in: KeyPlacement.crc32(account.utf8, of: 6))
        }
        #expect(counted.value == misplaced)
        #expect(recorder.count(of: "producers disagree on the partition") == 1)
        #expect(recorder.count(of: "partitioner=murmur2_random") == 1)
        #expect(recorder.count(of: accounts[0]) == 0)
    }

    @Test func onlyCountsWhereAllProducersAgreeOnAnotherPlacement() {
        let watch = watch(partitions: 6)
        for account in accounts(100) { watch.note(account, in: KeyPlacement.crc32(account.utf8, of: 6)) }
        #expect(counted.value > 50)
        #expect(recorder.count(of: "producers disagree") == 0)
    }

    @Test func whatWasWrittenBeforePartitionsWereAddedStandsWhereItBelonged() {
        let watch = watch(partitions: 3)
        watch.setPartitions(6)
        for account in accounts(100) {
            watch.note(account, in: KeyPlacement.murmur2(account.utf8, of: 3))
            watch.note(account, in: KeyPlacement.murmur2(account.utf8, of: 6))
        }
        #expect(counted.value == 0)
    }

    @Test func judgesNothingBeforeTheNumberOfPartitionsIsKnown() {
        let watch = watch(partitions: nil)
        for account in accounts(100) { watch.note(account, in: 0) }
        watch.setPartitions(3)
        // One that has only just been added.
        watch.note("1", in: 3)
        #expect(counted.value == 0)
    }
}
