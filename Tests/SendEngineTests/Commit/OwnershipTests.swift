import InstagramMessaging
import SendEngine
import Testing

@Suite struct OwnershipTests {
    private func rig() -> Rig { Rig(.quiet { $0.ownershipLease = .seconds(5) }) }

    @Test func `no call starts before a commit has proven that the partition is still ours`() throws {
        let rig = rig()
        rig.accept(rig.request())
        #expect(rig.newCalls().isEmpty)
        #expect(rig.explain(account: "1")?.reason == .unproven)
        let batch = try #require(rig.takeCommit())
        #expect(batch.finished.isEmpty && batch.positions.map(\.nextOffset) == [0])
        #expect(rig.newCalls().isEmpty && !rig.hasCommit, "one proof at a time is asked for")
        rig.succeed(batch)
        #expect(rig.newCalls() == [0])
    }

    @Test func `a commit that took longer than the lease proves nothing, and another is asked for`() throws {
        let rig = rig()
        rig.accept(rig.request())
        let slow = try #require(rig.takeCommit())
        rig.advance(by: 6_000)
        rig.succeed(slow)
        #expect(rig.newCalls().isEmpty)
        rig.succeed(try #require(rig.takeCommit()))
        #expect(rig.newCalls() == [0])
    }

    @Test func `a slow commit proves what it asked the group late`() throws {
        let rig = rig()
        rig.accept(rig.request())
        let slow = try #require(rig.takeCommit())
        rig.advance(by: 4_000)
        let asked = rig.now.monotonic
        rig.advance(by: 2_000)
        rig.engine.commitSucceeded(slow.number, askedAt: asked, now: rig.now)
        #expect(rig.newCalls() == [0])
        rig.accept(rig.request(to: "u:2"))
        rig.advance(by: 3_000)
        #expect(rig.newCalls().isEmpty)
    }

    @Test func `a commit whose offsets the group did not take proves nothing`() throws {
        let rig = rig()
        rig.accept(rig.request())
        let batch = try #require(rig.takeCommit())
        rig.engine.commitSucceeded(batch.number, provesOwnership: false, now: rig.now)
        #expect(rig.newCalls().isEmpty && rig.hasCommit)
    }

    @Test func `a partition on its way out is not held back by the proof that its requests would need`() throws {
        let rig = rig()
        rig.accept(rig.request())
        rig.engine.beginRevoke([0], now: rig.now)
        while let batch = rig.takeCommit() {
            rig.engine.commitSucceeded(batch.number, provesOwnership: false, now: rig.now)
            #expect(rig.newCalls().isEmpty)
            guard rig.milliseconds < 1_000 else { break }
            rig.advance(by: 100)
        }
        #expect(!rig.hasCommit && !rig.engine.hasCommit(of: [0]))
        #expect(rig.engine.nextWake == nil)
    }

    @Test func `after a refusal calls wait for the next commit that succeeds`() throws {
        let rig = rig()
        rig.accept(rig.request())
        rig.commit()
        #expect(rig.newCalls() == [0])
        rig.engine.forgetProof()
        rig.accept(rig.request(to: "u:2"))
        #expect(rig.newCalls().isEmpty)
        rig.commit()
        #expect(rig.newCalls() == [1])
    }

    @Test func `what stood still for longer than the lease calls nothing until it is proven anew`() throws {
        let rig = rig()
        rig.accept(rig.request())
        rig.commit()
        #expect(rig.newCalls() == [0])
        rig.end(0, .delivered)
        rig.commit()
        rig.accept(rig.request())
        rig.accept(rig.request(to: "u:2"))
        rig.advance(by: 60_000)
        #expect(rig.newCalls().isEmpty)
        rig.commit()
        #expect(rig.newCalls().count == 2)
    }

    @Test func `an at_most_once call whose mark took longer than the lease is not made`() throws {
        let rig = rig()
        rig.accept(rig.request(.messages, .atMostOnce))
        rig.commit()
        #expect(rig.newCalls().isEmpty)
        let mark = try #require(rig.takeCommit())
        rig.advance(by: 6_000)
        rig.succeed(mark)
        #expect(rig.newCalls().isEmpty)
    }

    @Test func `the proof is asked for again when the one that ran went with its partition`() throws {
        let rig = rig()
        rig.engine.assign(1, epoch: 1, now: rig.now)
        rig.accept(rig.request(account: "2", partition: 1))
        rig.accept(rig.request(account: "1"))
        rig.actions()
        rig.engine.remove([1], now: rig.now)
        while rig.nextWake == 0, !rig.hasCommit { rig.actions() }
        rig.succeed(try #require(rig.takeCommit()))
        #expect(rig.newCalls() == [1])
    }
}
