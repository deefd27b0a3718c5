import InstagramMessaging
import SendEngine

extension World {
    func assign(_ partition: Int32) {
        guard var state = partitions[partition] else { return }
        lastEpoch += 1
        state.epoch = lastEpoch
        state.isPaused = false
        state.isDraining = false
        state.nextToRead = state.offsets.firstIndex { $0 >= state.committed } ?? state.offsets.count
        let restored = state.snapshot.flatMap(PartitionSnapshot.init(decoding:))
        check((restored == nil) == (state.snapshot == nil), "a committed snapshot cannot be read")
        check(restored.map { $0.base == state.committed } ?? true, "a snapshot's base is not the committed offset")
        partitions[partition] = state
        let accounts = state.accounts.compactMapValues(AccountMemory.init(decoding:))
        check(accounts.count == state.accounts.count, "a committed memory of an account cannot be read")
        engine.assign(partition, epoch: state.epoch, restored: restored, accounts: accounts, now: now)
    }

    func read(_ partition: Int32) {
        guard let state = partitions[partition], !state.isPaused, state.nextToRead < state.offsets.count,
            var request = records[partition]?[state.offsets[state.nextToRead]]?.request
        else { return }
        partitions[partition]?.nextToRead += 1
        request.id.epoch = state.epoch
        let key = request.accountID + request.conversation
        guard engine.accept(request, now: now) else { return }
        unended[key, default: []].append(request.id)
    }

    /// Hands out records again that were read already.
    func reread(_ partition: Int32) {
        guard let state = partitions[partition], state.nextToRead > 0 else { return }
        for offset in state.offsets[max(0, state.nextToRead - 5)..<state.nextToRead] {
            guard var request = records[partition]?[offset]?.request else { continue }
            request.id.epoch = state.epoch
            let isTaken = engine.accept(request, now: now)
            check(!isTaken, "offset \(offset) was taken twice")
        }
    }

    func startCommit() {
        guard commit == nil, let batch = engine.takeCommit() else { return }
        let takes = Int64.random(in: 0...400, using: &random)
        commit = OpenCommit(batch: batch, endsAt: milliseconds + takes, succeeds: isCalm || !chance(15))
    }

    func endCommit() {
        guard let open = commit, open.endsAt <= milliseconds else { return }
        commit = nil
        if open.succeeds {
            apply(open.batch)
            engine.commitSucceeded(open.batch.number, now: now)
        } else {
            engine.commitFailed(open.batch.number, now: now)
        }
    }

    /// Makes a batch durable, unless a part of it is fenced: partitions of an older assignment are.
    private func apply(_ batch: CommitBatch) {
        for finished in batch.finished where isCurrent(finished.id) { publish(finished) }
        for position in batch.positions where partitions[position.partition]?.epoch == position.epoch {
            guard let next = position.nextOffset else { continue }
            check(next >= partitions[position.partition]?.committed ?? 0, "the committed offset goes back")
            for (offset, record) in records[position.partition] ?? [:] where offset < next {
                check(record.result != nil, "offset \(offset) is committed without a result")
            }
            partitions[position.partition]?.committed = next
            partitions[position.partition]?.snapshot = position.snapshot
        }
        for account in batch.accounts where partitions[account.partition]?.epoch == account.epoch {
            partitions[account.partition]?.accounts[account.accountID] = account.memory
        }
    }

    private func isCurrent(_ id: RecordID) -> Bool { partitions[id.partition]?.epoch == id.epoch }

    private func publish(_ finished: CommitBatch.Finished) {
        guard let record = records[finished.id.partition]?[finished.id.offset] else { return }
        let ending = finished.termination
        let name = "\(finished.id.partition)/\(finished.id.offset)"
        check(record.result == nil, "\(name) has a second result")
        check((ending.status == .sent) == (ending.error == nil), "\(name): error and status disagree")
        check(record.calls >= ending.attempts || ending.status == .unknown, "\(name) says more attempts than calls")
        if !record.hasForgottenCall, !record.request.isIdempotent {
            let isDenied = [.failed, .expired, .rejected].contains(ending.status)
            check(!isDenied || record.delivered == 0, "\(name) ends as \(ending.status) though it was delivered")
            check(record.delivered <= 1 || ending.possibleDuplicate, "\(name) was delivered twice and does not say so")
        }
        check(ending.status != .sent || record.delivered > 0, "\(name) ends as sent and was not delivered")
        check(
            ending.status != .unknown || record.calls > 0 || record.request.delivery == .atMostOnce,
            "\(name) unknown"
        )
        records[finished.id.partition]?[finished.id.offset]?.result = ending
    }

    // MARK: Losing partitions

    func lose(_ partition: Int32) {
        forgetCalls(in: partition)
        engine.remove([partition], now: now)
        partitions[partition]?.epoch = 0
        assign(partition)
        act()
    }

    func crash() {
        crashes += 1
        for partition in partitions.keys.sorted() { forgetCalls(in: partition) }
        running = []
        preparing = []
        commit = nil
        engine = SendEngine(settings: settings, random: SplitMix64(seed: UInt64(milliseconds)))
        for partition in partitions.keys.sorted() { assign(partition) }
    }

    /// Notes which records have had calls that nothing durable tells of.
    private func forgetCalls(in partition: Int32) {
        let snapshot = partitions[partition]?.snapshot.flatMap(PartitionSnapshot.init(decoding:))
        for (offset, record) in records[partition] ?? [:] where record.result == nil && record.callsThisEpoch > 0 {
            let told = (snapshot?.started ?? []) + (snapshot?.resent ?? [])
            let isToldResent = snapshot?.resent.contains { $0.contains(offset) } ?? false
            let isTold = record.delivered > 1 ? isToldResent : told.contains { $0.contains(offset) }
            check(
                isTold || record.delivered == 0 || record.request.delivery == .atLeastOnce
                    || record.request.isIdempotent,
                "\(partition)/\(offset) was delivered at most once and nothing durable says so"
            )
            if !isTold { records[partition]?[offset]?.hasForgottenCall = true }
            records[partition]?[offset]?.callsThisEpoch = 0
        }
        unended = unended.mapValues { ids in ids.filter { $0.partition != partition } }
    }
}
