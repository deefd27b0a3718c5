import InstagramMessaging
import SendEngine
import Telemetry

extension EngineLoop {
    /// Carries out what the replica has decided.
    func carryOut(_ action: ReplicaAction, now: EngineTime) {
        switch action {
        case .prepare(let id): prepare(id)
        case .call(let id, let attempt, let latestStart): call(id, attempt: attempt, latestStart: latestStart)
        case .commit(let commit): start(commit, now: now)
        case .release(let ids): release(ids)
        case .forget(let partitions): forget(Set(partitions))
        case .restore(let partitions, let epoch): restore(partitions, epoch: epoch)
        case .cancelRestore(let epoch): restores.removeValue(forKey: epoch)?.cancel()
        case .startFetching(let partitions, let offsets, let epoch):
            ports.consumer(.startFetching(partitions, at: offsets, epoch: epoch))
        case .startPaused(let partitions, let epoch): ports.consumer(.startPaused(partitions, epoch: epoch))
        case .begin(let partition, let offset): ports.consumer(.begin(partition, at: offset))
        case .pause(let partition): ports.consumer(.pause(partition))
        case .resume(let partition): ports.consumer(.resume(partition))
        case .finishRevoke(let partitions): ports.consumer(.finishRevoke(partitions))
        case .stopped(let uncommitted):
            whenStopped?.resume(returning: uncommitted)
            whenStopped = nil
        case .findLogStarts(let passedOver): findLogStarts(passedOver)
        case .findLogs(let repeated): findLogs(repeated)
        case .report(let report): log(report, now: now)
        }
    }

    // MARK: Calls

    private func prepare(_ id: RecordID) {
        let media = pending[id]?.call?.media ?? []
        Task {
            let refusal = await ports.checkMedia(media)
            post(.preparationEnded(id, refusal: refusal))
        }
    }

    private func call(_ id: RecordID, attempt: Int, latestStart: Int64) {
        guard let record = pending[id], let call = record.call, let accountID = record.accountID else {
            // Only a queued request is ever called, and a queued request is kept until it is durable.
            preconditionFailure("the replica asked to call \(id), which the loop does not know")
        }
        logCall(of: record, call, attempt: attempt)
        let (headers, span) = spans.beginCall(of: id, record, attempt: attempt)
        let graphCall = GraphCall(
            id: id,
            accountID: accountID,
            body: call.body,
            expectsMessageID: call.expectsMessageID,
            recipientID: record.recipientID,
            headers: headers,
            latestStart: latestStart,
            askedAt: clock.monotonic,
            span: span
        )
        ports.send(graphCall, calls)
    }

    // MARK: Partitions

    private func restore(_ partitions: [Int32], epoch: UInt64) {
        restores[epoch] = Task {
            await ports.restore(partitions) { self.post(.restored($0, epoch: epoch)) }
        }
    }

    private func forget(_ partitions: Set<Int32>) {
        pending.remove(partitions: partitions)
        spans.giveUp(partitions)
    }

    private func findLogStarts(_ passedOver: [Int32: [Range<Int64>]]) {
        Task {
            let starts = await ports.logStarts(passedOver.keys.sorted())
            post(.logStarts(starts, passedOver: passedOver))
        }
    }

    private func findLogs(_ repeated: [Int32: Int64]) {
        Task {
            let logs = await ports.requestLogs(repeated.keys.sorted())
            post(.logs(logs, repeated: repeated))
        }
    }

    // MARK: Commits

    private func start(_ commit: ReplicaCommit, now: EngineTime) {
        let delivery = makeDelivery(of: commit)
        ports.committer.start(delivery) { [clock, groupAskedAt = ports.groupAskedAt] result in
            let taken = clock.now.monotonic - now.monotonic
            let end = DeliveryEnd(delivery: delivery, result: result, nanoseconds: taken, askedAt: groupAskedAt())
            self.post(.commitEnded(end))
        }
    }

    /// Counts what has become durable, and lets the replica know.
    func handle(_ end: DeliveryEnd, now: EngineTime) {
        let entries = end.delivery.entries
        let commitEnd = CommitEnd(end.result)
        counts.committed(results: entries.count, nanoseconds: end.nanoseconds, end: commitEnd)
        if commitEnd.isDurable {
            for entry in entries { counts.ended(entry.result) }
            activity.ended(entries, at: now.monotonic)
        }
        replica.handle(.commitEnded(number: end.delivery.commit.number, end.result, askedAt: end.askedAt), now: now)
    }

    private func makeDelivery(of commit: ReplicaCommit) -> Delivery {
        let entries = commit.finished.compactMap { end -> Delivery.Entry? in
            guard let record = pending[end.id] else { return nil }
            let result = terminalRecords.result(for: record, ended: end)
            spans.note(result, of: end.id)
            return Delivery.Entry(result: result, pending: record)
        }
        return Delivery(commit: commit, entries: entries)
    }

    private func release(_ ids: [RecordID]) {
        for id in ids { pending.remove(id) }
        spans.end(ids)
    }
}
