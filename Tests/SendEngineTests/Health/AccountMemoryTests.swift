import InstagramMessaging
import Testing

@testable import SendEngine

@Suite struct AccountMemoryTests {
    @Test func `a private reply is called only after a commit that counts it, and a new owner counts it too`() throws {
        let settings = EngineSettings.quiet { $0.limits.privateRepliesPerHour = 2 }
        let rig = Rig(settings)
        for index in 0..<2 { rig.accept(rig.request(to: "c:\(index)", .privateReplies)) }
        #expect(rig.newCalls() == [])
        let batch = try #require(rig.takeCommit())
        #expect(PartitionSnapshot(decoding: batch.positions[0].snapshot)?.started == [])
        let bytes = try #require(batch.accounts.first?.memory)
        rig.succeed(batch)
        #expect(rig.newCalls() == [0, 1])

        let memory = try #require(AccountMemory(decoding: bytes))
        let next = Rig(settings)
        next.engine.assign(0, epoch: 1, accounts: ["1": memory], now: next.now)
        next.accept(next.request(to: "c:9", .privateReplies))
        next.accept(next.request(to: "u:1"))
        #expect(next.newCalls() == [1])
        next.advance(by: 3_599_999)
        #expect(next.newCalls() == [])
        next.advance(by: 1)
        next.actions()
        next.commit()
        #expect(next.newCalls() == [0])
    }

    @Test func `hourly usage is carried over call by call, never shorter than it was`() throws {
        let settings = EngineSettings.quiet { $0.limits.privateRepliesPerHour = 2 }
        let rig = Rig(settings)
        for index in 0..<2 {
            rig.accept(rig.request(to: "c:\(index)", .privateReplies))
            rig.actions()
            rig.commit()
            rig.actions()
            rig.end(Int64(index), .delivered)
            rig.advance(by: 600_000)
        }
        let state = try #require(rig.takeCommit()?.accounts.first)
        let bytes = try #require(state.memory)
        let memory = try #require(AccountMemory(decoding: bytes))
        #expect(memory.privateReplies.map(\.calls) == [1, 1])
        let next = Rig(settings)
        next.milliseconds = rig.milliseconds
        next.engine.assign(0, epoch: 1, accounts: ["1": memory], now: next.now)
        next.accept(next.request(to: "c:9", .privateReplies))
        #expect(next.newCalls() == [])
        let due = try #require(next.nextWake) / 1_000_000
        #expect((3_600_000...3_610_000).contains(due))
    }

    @Test func `holds and a lowered pace are carried over, and forgotten with a tombstone`() throws {
        let rig = Rig()
        rig.accept(rig.request(to: "u:1"))
        rig.accept(rig.request(to: "u:2"))
        rig.actions()
        rig.end(0, .throttled)
        rig.end(1, .stopped)
        let bytes = try #require(rig.takeCommit()?.accounts.first?.memory)
        let memory = try #require(AccountMemory(decoding: bytes))
        let next = Rig()
        next.engine.assign(0, epoch: 1, accounts: ["1": memory], now: next.now)
        next.accept(next.request())
        let explained = try #require(next.explain(account: "1"))
        #expect(explained.reason == .stopped)
        #expect(explained.nextDue == 1_800_000_000_000)
        #expect(explained.paceSteps == 1)
        #expect(explained.cause?.category == .permission)
        #expect(next.advanceToNextCalls() == [0])
        next.end(0, .delivered)
        next.commit()
        next.advance(by: 3_600_000)
        let last = try #require(next.takeCommit())
        #expect(last.accounts.map(\.memory) == [nil])
        #expect(next.engine.census.accounts.total == 0)
    }

    @Test func `no changed or foreign bytes are taken for a memory and none trap`() throws {
        var memory = AccountMemory()
        memory.privateReplies = [
            .init(until: 1_700_000_000_000, calls: 3), .init(until: 1_700_000_010_000, calls: 700),
        ]
        memory.coolUntil = 1_700_000_000_123
        memory.holds = 2
        let bytes = memory.encoded()
        #expect(AccountMemory(decoding: bytes) == memory)
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 4
            #expect(AccountMemory(decoding: changed) == nil)
        }
        var random = SplitMix64(seed: 5)
        for _ in 0..<50_000 {
            var writer = ByteWriter()
            writer.write(1)
            let count = Int.random(in: 0...60, using: &random)
            writer.write((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) & 0x8F })
            if let read = AccountMemory(decoding: writer.sealed()) {
                let rig = Rig()
                rig.engine.assign(0, epoch: 1, accounts: ["1": read], now: rig.now)
                rig.accept(rig.request(to: "c:1", .privateReplies))
                rig.actions()
            }
        }
    }
}
