import KafkaClient
import SendEngine
import Testing

@testable import SendWorker

@Suite("The requests that the loop holds")
struct PendingRequestsTests {
    private static func request(_ id: RecordID) -> PendingRequest {
        let record = KafkaRecord(
            topic: "requests",
            partition: id.partition,
            offset: id.offset,
            timestamp: 0,
            key: nil,
            value: [],
            headers: []
        )
        return PendingRequest(record: record, requestID: "\(id.epoch)", accountID: nil, call: nil)
    }

    /// Offsets side by side, with gaps, far behind one that stays, at the ends of what there is, of partitions that come
    /// again: always what a dictionary holds.
    @Test("whatever comes and goes, it holds what a dictionary would", arguments: 1...10 as ClosedRange<UInt64>)
    func model(seed: UInt64) {
        var random = Draws(state: seed)
        var pending = PendingRequests()
        var model: [RecordID: PendingRequest] = [:]
        var next: [Int32: Int64] = [:]
        var epochs: [Int32: UInt64] = [:]
        let partitions: [Int32] = [0, 1, 7, 2_000_000_000, -1]
        for _ in 0..<3_000 {
            let partition = partitions[Int.random(in: 0..<partitions.count, using: &random)]
            switch Int.random(in: 0..<1_000, using: &random) {
            case 0:
                pending.remove(partitions: [partition])
                model = model.filter { $0.key.partition != partition }
                epochs[partition, default: 0] += 1
                next[partition] = [0, 5_000, .max - 20_000_000][Int.random(in: 0..<3, using: &random)]
            case ..<520:
                let step =
                    Int.random(in: 0..<200, using: &random) == 0 ? Int64.random(in: 1...100_000, using: &random) : 1
                let offset = next[partition, default: 0]
                next[partition] = offset + step
                let id = RecordID(partition: partition, offset: offset, epoch: epochs[partition, default: 0])
                let request = Self.request(id)
                pending.insert(request, as: id)
                model[id] = request
            default:
                // Mostly the oldest, as it goes; now and then any.
                let own = model.keys.filter { $0.partition == partition }
                let oldest = own.min { $0.offset < $1.offset }
                guard let id = Int.random(in: 0..<4, using: &random) == 0 ? own.first : oldest else { continue }
                pending.remove(id)
                model[id] = nil
                pending.remove(id)
            }
            if model.count > 100, let any = model.keys.first {
                pending.remove(any)
                model[any] = nil
            }
        }
        #expect(pending.count == model.count)
        #expect(model.allSatisfy { pending[$0.key] === $0.value })
        #expect(pending.counts == model.keys.reduce(into: [:]) { $0[$1.partition, default: 0] += 1 })
        let id = RecordID(partition: 0, offset: next[0, default: 0], epoch: epochs[0, default: 0])
        #expect(pending[id] == nil)
    }

    @Test("one that stays for ever makes no table as long as all that comes behind it")
    func stuck() {
        var pending = PendingRequests()
        let stuck = RecordID(partition: 0, offset: 0, epoch: 1)
        pending.insert(Self.request(stuck), as: stuck)
        for offset in Int64(1)..<200_000 {
            let id = RecordID(partition: 0, offset: offset, epoch: 1)
            pending.insert(Self.request(id), as: id)
            #expect(pending[id] != nil)
            pending.remove(id)
        }
        #expect(pending[stuck] != nil && pending.count == 1)
        #expect(pending[RecordID(partition: 0, offset: 0, epoch: 2)] == nil, "of another assignment")
    }
}

/// SplitMix64, so that a failure comes again.
private struct Draws: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
