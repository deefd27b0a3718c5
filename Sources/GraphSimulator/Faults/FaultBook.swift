/// The faults that are set, in the order they were set.
struct FaultBook {
    private struct Entry {
        var id: Int
        var fault: SimulatorFault
        var hits = 0
        /// Monotonic nanoseconds; nil for no end in time.
        var endsAt: Int64?

        func isOver(at now: Int64) -> Bool {
            if let count = fault.count, hits >= count { return true }
            if let endsAt, now >= endsAt { return true }
            return false
        }
    }

    /// What there is to know about a call when faults are chosen for it.
    struct Subject {
        var accountID: String
        var recipient: String?
        /// The number of the account's call.
        var call: UInt64
        /// True where the simulator would accept the call if there were no faults.
        var isAcceptable: Bool
        var refersToMedia: Bool
    }

    /// What the faults do to a call.
    struct Choice {
        /// The fault that decides; nil for none.
        var effect: FaultEffect?
        /// The sum of the latencies, without what the deciding effect adds.
        var delay: Duration = .zero
    }

    private let seed: UInt64
    private var entries: [Entry] = []
    private var lastID = 0

    init(seed: UInt64) {
        self.seed = seed
    }

    /// Takes a checked fault and names it.
    mutating func add(_ fault: SimulatorFault, now: Int64) -> Int {
        dropOver(at: now)
        lastID += 1
        entries.append(
            Entry(id: lastID, fault: fault, endsAt: fault.duration.map { now + min($0.nanoseconds, .max - now) })
        )
        return lastID
    }

    mutating func remove(id: Int) -> Bool {
        guard let index = entries.firstIndex(where: { $0.id == id }) else { return false }
        entries.remove(at: index)
        return true
    }

    mutating func removeAll() {
        entries.removeAll()
    }

    func active(at now: Int64) -> [ActiveFault] {
        entries.filter { !$0.isOver(at: now) }.map { entry in
            ActiveFault(
                id: entry.id,
                fault: entry.fault,
                hits: entry.hits,
                remaining: entry.endsAt.map { .nanoseconds($0 - now) }
            )
        }
    }

    /// True where the connection is to be reset before the body is read.
    mutating func resetsBeforeBody(accountID: String, call: UInt64, now: Int64) -> Bool {
        let index = entries.firstIndex { entry in
            guard case .resetBeforeBody = entry.fault.effect, entry.fault.concerns(accountID, nil) else { return false }
            var draw = FaultDraw(seed: seed, faultID: entry.id, accountID: accountID, call: call)
            return !entry.isOver(at: now) && draw.next() < entry.fault.share
        }
        guard let index else { return false }
        hit(index, now: now)
        return true
    }

    /// Chooses what is done to a call whose body was read.
    mutating func choose(for subject: Subject, now: Int64) -> Choice {
        var choice = Choice()
        guard !entries.isEmpty else { return choice }
        var hits: [Int] = []
        for (index, entry) in entries.enumerated() where !entry.isOver(at: now) {
            let effect = entry.fault.effect
            guard choice.effect == nil || effect.isLatency, entry.fault.applies(to: subject) else { continue }
            var draw = FaultDraw(seed: seed, faultID: entry.id, accountID: subject.accountID, call: subject.call)
            guard draw.next() < entry.fault.share else { continue }
            if case .latency(let fixed, let jitter) = effect {
                choice.delay += fixed + jitter * draw.next()
            } else {
                choice.effect = effect
            }
            hits.append(index)
        }
        for index in hits.reversed() { hit(index, now: now) }
        return choice
    }

    private mutating func hit(_ index: Int, now: Int64) {
        entries[index].hits += 1
        if entries[index].isOver(at: now) { entries.remove(at: index) }
    }

    private mutating func dropOver(at now: Int64) {
        entries.removeAll { $0.isOver(at: now) }
    }
}

extension SimulatorFault {
    fileprivate func concerns(_ accountID: String, _ recipient: String?) -> Bool {
        (self.accountID == nil || self.accountID == accountID) && (self.recipient == nil || self.recipient == recipient)
    }

    fileprivate func applies(to subject: FaultBook.Subject) -> Bool {
        if case .resetBeforeBody = effect { return false }
        return concerns(subject.accountID, subject.recipient)
            && (!effect.delivers || subject.isAcceptable)
            && (!effect.needsMedia || subject.refersToMedia)
    }
}
