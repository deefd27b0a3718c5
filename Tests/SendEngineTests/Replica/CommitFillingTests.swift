import Testing

@testable import SendEngine

@Suite("Commits that wait until no more may be in doubt")
struct CommitFillingTests {
    @Test("where calls wait for most of a commit's time, the next one waits until no more may be in doubt")
    func filling() throws {
        let rig = ReplicaRig(engine: .quiet { $0.maxInDoubt = 4 })
        rig.assign([0])
        for _ in 0..<2 { rig.finish() }
        try rig.endCommit()
        // The first ended with the first commit; the second is half of what may be in doubt, with the third.
        rig.finish()
        #expect(rig.openCommit?.finished.count == 2)
        for _ in 0..<2 { rig.finish() }
        let waiting = rig.read()
        #expect(rig.actions.calls.last != waiting, "there is no room for it")
        rig.advance(to: 50)
        #expect(try rig.endCommit().calls == [waiting])
        rig.end(waiting)
        #expect(rig.openCommit == nil, "half is no reason any more")
        var last = rig.read()
        #expect(rig.openCommit?.finished.count == 3, "no room for more")
        rig.end(last)
        // That took no time: the next one waits until there is no room too.
        rig.advance(to: 60)
        try rig.endCommit()
        for _ in 0..<2 { rig.finish() }
        #expect(rig.openCommit == nil)
        rig.advance(to: 75)
        last = rig.read()
        #expect(rig.openCommit?.finished.count == 3)
        rig.end(last)
        // It took longer than the commit: calls would have gone on all the time.
        rig.advance(to: 80)
        try rig.endCommit()
        rig.finish()
        #expect(rig.openCommit?.finished.count == 2)
    }

    @Test("waiting for more than half is worth it where a commit takes longer than the whole takes to fill")
    func fillingIsWorthIt() {
        var filling = CommitFilling()
        filling.commitStarted(at: 0)
        filling.commitEnded(after: 30, at: 30)
        #expect(!filling.isWorthIt, "calls never waited")
        filling.commitStarted(at: 40)
        filling.note(hasRoom: false, at: 60)
        filling.note(hasRoom: false, at: 65)
        filling.commitEnded(after: 40, at: 80)
        #expect(!filling.isWorthIt, "half of the time at most")
        filling.note(hasRoom: true, at: 80)
        filling.commitStarted(at: 90)
        filling.note(hasRoom: false, at: 105)
        filling.commitEnded(after: 40, at: 130)
        #expect(filling.isWorthIt)
        filling.commitStarted(at: 160)
        filling.commitEnded(after: 30, at: 190)
        #expect(filling.isWorthIt)
        filling.commitStarted(at: 221)
        filling.commitEnded(after: 30, at: 251)
        #expect(!filling.isWorthIt, "calls have waited for nothing")
    }
}
