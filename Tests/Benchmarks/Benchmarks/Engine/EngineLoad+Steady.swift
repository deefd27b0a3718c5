import InstagramMessaging
import SendEngine

/// The worker's usual day: what ends is replaced, so that the same number of requests waits all the time.
extension EngineLoad {
    private static let delivered = CallOutcome(
        outcomeClass: .delivered,
        error: nil,
        messageID: "aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOjE3ODQxNDAwMDA4NDYwMDU2",
        recipientID: "6427392710639021"
    )

    /// Brings so many more messages from accept to durable.
    ///
    /// - Returns: False where the engine stopped giving anything to do: the scenario is impossible.
    mutating func send(_ messages: Int) -> Bool {
        let wanted = durable + messages
        var idleSteps = 0
        while durable < wanted {
            let before = durable + running.count
            step()
            idleSteps = durable + running.count == before && running.isEmpty ? idleSteps + 1 : 0
            if idleSteps > 100_000 { return false }
        }
        return true
    }

    private mutating func step() {
        nanoseconds += stepNanoseconds
        let now = now
        var start = meter.start()
        engine.advance(to: now)
        meter.end(.advance, since: start)
        endOldest(now)
        commit(now)
        start = meter.start()
        let actions = engine.takeActions()
        meter.end(.takeActions, since: start)
        meter.count(.takeActions, items: actions.count)
        running += Self.calls(in: actions)
        start = meter.start()
        let wake = engine.nextWake
        meter.end(.nextWake, since: start)
        keep(wake)
    }

    /// Ends the oldest calls; for each, another request of the same account comes.
    private mutating func endOldest(_ now: EngineTime) {
        let ending = running.prefix(scenario.batch)
        running.removeFirst(ending.count)
        for call in ending {
            let start = meter.start()
            engine.callEnded(call, Self.delivered, now: now)
            meter.end(.callDelivered, since: start)
            accept(account(of: call), in: call.partition, as: .accept)
        }
    }

    /// A commit takes one step of the clock; one runs at a time.
    private mutating func commit(_ now: EngineTime) {
        if let batch = openCommit {
            openCommit = nil
            let start = meter.start()
            engine.commitSucceeded(batch.number, now: now)
            meter.end(.commitSucceeded, since: start)
            meter.count(.commitSucceeded, items: batch.finished.count)
            durable += batch.finished.count
        }
        guard engine.finishedCount >= scenario.commitEvery else { return }
        let start = meter.start()
        openCommit = engine.takeCommit()
        meter.end(.takeCommit, since: start)
        meter.count(.takeCommit, items: openCommit?.finished.count ?? 0)
        snapshotBytes += openCommit?.positions.reduce(0) { $0 + $1.snapshot.count } ?? 0
    }
}
