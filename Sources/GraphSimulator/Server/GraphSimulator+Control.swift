/// Control in process: the same as the HTTP control interface. Safe from any thread; none of these waits.
extension GraphSimulator {
    /// Sets a fault besides those already set and returns its id. Throws ``InvalidFault`` where its numbers or its
    /// scope make no sense.
    @discardableResult
    package func addFault(_ fault: SimulatorFault) throws(InvalidFault) -> Int {
        try fault.check()
        let now = Moment.monotonicNanoseconds()
        return endpoint.withLock { $0.faults.add(fault, now: now) }
    }

    /// Sets several faults at once; none where one of them is invalid. `replacing` removes those set before.
    @discardableResult
    package func addFaults(_ faults: [SimulatorFault], replacing: Bool = false) throws(InvalidFault) -> [Int] {
        for fault in faults { try fault.check() }
        let now = Moment.monotonicNanoseconds()
        return endpoint.withLock { endpoint in
            if replacing { endpoint.faults.removeAll() }
            return faults.map { endpoint.faults.add($0, now: now) }
        }
    }

    /// Removes a fault; false where there is none of that id (any more).
    @discardableResult
    package func removeFault(id: Int) -> Bool {
        endpoint.withLock { $0.faults.remove(id: id) }
    }

    /// Removes all faults.
    package func removeAllFaults() {
        endpoint.withLock { $0.faults.removeAll() }
    }

    /// The faults that are set and not over.
    package var faults: [ActiveFault] {
        let now = Moment.monotonicNanoseconds()
        return endpoint.withLock { $0.faults.active(at: now) }
    }

    /// Logged calls with a sequence above `since`, oldest first.
    package func calls(since: UInt64 = 0, account: String? = nil, limit: Int = .max) -> [CallRecord] {
        let log = endpoint.withLock { $0.log }
        return log.records(since: since, account: account, limit: limit)
    }

    /// What each conversation accepted, in order; one account's only where it is given. Exact over the calls the log
    /// still holds.
    package func conversations(account: String? = nil) -> [ConversationLog] {
        endpoint.withLock { $0.log }.conversations(account: account)
    }

    /// Sums the log up. Takes about a second for a million calls; calls go on meanwhile.
    package func summary() -> SimulatorSummary {
        let log = endpoint.withLock { $0.log }
        return SimulatorSummary(of: log.records, forgotten: log.forgotten)
    }

    /// Forgets faults, calls and the state of limits, and starts the seed anew.
    package func reset() {
        endpoint.withLock { $0.reset() }
    }
}
