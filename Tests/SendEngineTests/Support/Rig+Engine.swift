import InstagramMessaging
import SendEngine

/// The engine's calls at the rig's time, as plain functions: expectation macros cannot take a value that is not
/// copyable.
extension Rig {
    var hasCommit: Bool { engine.hasCommit }
    var isCommitUrgent: Bool { engine.isCommitUrgent(fillingUp: false) }
    var inDoubt: Int { engine.census.inDoubt }
    var finishedCount: Int { engine.finishedCount }

    var nextWake: Int64? { engine.nextWake }

    func explain(account: String) -> AccountExplanation? { engine.explain(account: account, now: now) }
    func explain(_ offset: Int64) -> RequestExplanation? {
        engine.explain(RecordID(partition: 0, offset: offset, epoch: epoch), now: now)
    }
    func explain(partition: Int32) -> PartitionExplanation? { engine.explain(partition: partition) }
    func waitingAccounts(limit: Int) -> [AccountExplanation] { engine.waitingAccounts(limit: limit) }

    func takeCommit() -> CommitBatch? { engine.takeCommit() }
    func succeed(_ batch: CommitBatch) { engine.commitSucceeded(batch.number, now: now) }
    func succeedOwingOffsets(_ batch: CommitBatch) {
        engine.commitSucceeded(batch.number, areOffsetsDurable: false, now: now)
    }
    func fail(_ batch: CommitBatch) { engine.commitFailed(batch.number, now: now) }
    func isTaken(_ request: QueuedRequest) -> Bool { engine.accept(request, now: now) }
    func callsInFlight(in partition: Int32) -> Int { engine.callsInFlight(in: partition) }
}
