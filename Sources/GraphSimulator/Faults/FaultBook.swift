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

    /// The facts about a call by which faults are chosen for it.
    struct Subject {
        var accountID: String
        var recipient: String?
        /// The number of the account's call.
        var call: UInt64
        /// True where the simulator would accept the call if there were no faults.
        var isAcceptable: Bool
        var refersToMedia: Bool
    }

    /// The faults' effect on a call.
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

/// Draws that depend on the seed and on what is drawn for, not on what was drawn before: calls that run side by side do
/// not change each other's fate.
struct FaultDraw {
    private var state: UInt64

    init(seed: UInt64, faultID: Int, accountID: String, call: UInt64) {
        var state = Self.mixed(seed)
        state = Self.mixed(state ^ UInt64(truncatingIfNeeded: faultID))
        for byte in accountID.utf8 { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        self.state = Self.mixed(state ^ call)
    }

    /// At least 0 and below 1.
    mutating func next() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Double(Self.mixed(state) >> 11) * 0x1p-53
    }

    /// The finaliser of SplitMix64.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
