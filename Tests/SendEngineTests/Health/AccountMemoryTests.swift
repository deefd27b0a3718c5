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
        var busy = CallOutcome.throttled
        busy.usage = UsageReport(highestPercent: 76)
        rig.end(0, busy)
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

    @Test func `what Graph said, and which features it holds, is carried over beside what earlier versions read`()
        throws
    {
        let rig = Rig()
        for person in 0..<5 { rig.accept(rig.request(to: "u:\(person)", feature: .humanAgent)) }
        for offset in rig.newCalls().prefix(3) { rig.end(offset, .featureRefused) }
        rig.accept(rig.request(account: "2"))
        rig.actions()
        rig.end(5, .bad(.accountHeld, .policy, status: 400, code: 368))
        let states = try #require(rig.takeCommit()).accounts
        // The value alone is what the version before reads.
        #expect(states.allSatisfy { $0.memory.flatMap { AccountMemory(decoding: $0) } != nil })
        var accounts: [String: AccountMemory] = [:]
        for state in states {
            let bytes = try #require(state.memory)
            accounts[state.accountID] = AccountMemory(decoding: bytes, words: state.words)
        }
        let next = Rig()
        next.milliseconds = 1_000
        next.engine.assign(0, epoch: 1, accounts: accounts, now: next.now)
        next.accept(next.request(to: "u:9", feature: .humanAgent))
        next.accept(next.request(to: "u:9b"))
        next.accept(next.request(account: "2"))
        #expect(next.newCalls() == [1])
        let held = try #require(next.explain(account: "1")?.heldFeatures.first)
        #expect(held.feature == .humanAgent)
        #expect(held.cause?.code == 10)
        #expect(next.explain(account: "2")?.cause?.code == 368)
        #expect(next.explain(account: "2")?.cause?.message == "It said no.")
        #expect(next.engine.takeLongWaits().count == 2)
    }

    @Test func `a wait that Graph named for the application outlives its worker`() throws {
        let rig = Rig()
        rig.accept(rig.request())
        rig.actions()
        rig.end(0, .bad(.applicationThrottled, .throttled, status: 400, code: 4, retryAfter: 3_600_000))
        let state = try #require(rig.takeCommit()?.accounts.first)
        let bytes = try #require(state.memory)
        let memory = try #require(AccountMemory(decoding: bytes, words: state.words))
        let next = Rig()
        next.milliseconds = 60_000
        next.engine.assign(0, epoch: 1, accounts: ["1": memory], now: next.now)
        next.accept(next.request(account: "7"))
        #expect(next.newCalls() == [])
        #expect(next.explain(account: "7")?.reason == .applicationCooling)
        #expect(next.explain(account: "7")?.cause?.code == 4)
        #expect(next.advanceToNextCalls() == [0])
        #expect(next.milliseconds == 3_600_000)
    }

    @Test(arguments: ["no", String(repeating: "No. ", count: 75), String(repeating: "禁", count: 300)])
    func `words fit into a record of any state topic, whatever Graph said of how many features`(message: String) throws
    {
        let cause = SendError(category: .policy, message: message, httpStatus: 400, code: 508, subcode: 2_534_122)
        var memory = AccountMemory()
        memory.words.holdCause = cause
        memory.words.coolCause = cause
        memory.words.applicationUntil = 1_700_000_000_000
        memory.words.applicationCause = cause
        for feature in MessageFeature.allCases {
            memory.words.features[feature] = MemoryWords.FeatureHold(until: 1_700_000_000_000, count: 9, cause: cause)
        }
        let bytes = try #require(memory.encodedWords())
        #expect(bytes.count <= 1_000)
        let read = try #require(MemoryWords(decoding: bytes))
        #expect(read.holdCause?.code == 508)
        #expect(read.features.count == MessageFeature.allCases.count)
        #expect(message.hasPrefix(read.holdCause?.message ?? "?"))
    }

    @Test func `words of foreign bytes are left out, and none trap`() {
        var words = MemoryWords()
        words.holdCause = SendError(category: .policy, message: "Blocked.", httpStatus: 400, code: 368, subcode: nil)
        words.features[.link] = MemoryWords.FeatureHold(until: 5, count: 2, cause: words.holdCause)
        let bytes = words.encoded()
        #expect(MemoryWords(decoding: bytes) == words)
        let memory = AccountMemory().encoded()
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 8
            #expect(AccountMemory(decoding: memory, words: changed)?.words == MemoryWords())
        }
        var random = SplitMix64(seed: 9)
        for _ in 0..<20_000 {
            var writer = ByteWriter()
            writer.write(1)
            let count = Int.random(in: 0...80, using: &random)
            writer.write((0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) & 0x8F })
            _ = MemoryWords(decoding: writer.sealed())
        }
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
