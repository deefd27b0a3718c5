import Testing

@testable import SendEngine

@Suite struct PartitionSnapshotTests {
    static let examples = [
        PartitionSnapshot(base: 0),
        PartitionSnapshot(base: Int64.max),
        PartitionSnapshot(base: -1),
        PartitionSnapshot(base: 7, finished: [9..<10], started: [7..<8], resent: [8..<9, 12..<14]),
        PartitionSnapshot(base: 1_000_000, finished: [1_000_001..<5_000_000], started: [1_000_000..<1_000_001]),
        PartitionSnapshot(base: 3, finished: (0..<4_000).map { Int64(4 + 2 * $0)..<Int64(5 + 2 * $0) }),
        PartitionSnapshot(base: 0, finished: [1..<(1 << 60)]),
    ]

    @Test(arguments: examples)
    func `a snapshot survives being written and read`(snapshot: PartitionSnapshot) {
        #expect(PartitionSnapshot(decoding: snapshot.encoded()) == snapshot)
    }

    @Test func `long runs are written as runs and scattered ones as a bitmap`() {
        let long = PartitionSnapshot(base: 0, finished: [1..<10_000_000])
        #expect(long.encoded().count < 24)
        let scattered = PartitionSnapshot(base: 0, finished: (0..<4_000).map { Int64(1 + 2 * $0)..<Int64(2 + 2 * $0) })
        #expect(scattered.encoded().count < 8_000 / 4 + 24)
    }

    @Test func `no changed, cut or foreign bytes are taken for a snapshot and none trap`() {
        var random = SplitMix64(seed: 3)
        for example in Self.examples {
            let bytes = example.encoded()
            for index in bytes.indices {
                for bit in 0..<8 {
                    var changed = bytes
                    changed[index] ^= 1 << UInt8(bit)
                    #expect(PartitionSnapshot(decoding: changed) == nil)
                }
                if index > 200 { break }
            }
            for count in 0..<min(bytes.count, 300) {
                #expect(PartitionSnapshot(decoding: Array(bytes.prefix(count))) == nil)
            }
        }
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...40, using: &random)
            _ = PartitionSnapshot(decoding: (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) })
        }
    }

    @Test func `bytes with a right checksum but wrong contents are refused without a trap`() {
        var random = SplitMix64(seed: 4)
        for _ in 0..<50_000 {
            var writer = ByteWriter()
            writer.write(1)
            writer.write(UInt8.random(in: 0...2, using: &random))
            let count = Int.random(in: 0...30, using: &random)
            writer.write(
                (0..<count).map { _ in
                    [UInt8(0), 0xFF, UInt8.random(in: .min ... .max, using: &random)][
                        Int.random(in: 0...2, using: &random)
                    ]
                }
            )
            if let snapshot = PartitionSnapshot(decoding: writer.sealed()) {
                #expect(PartitionSnapshot(decoding: snapshot.encoded()) == snapshot)
            }
        }
    }
}
