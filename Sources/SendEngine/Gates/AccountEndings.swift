internal import InstagramMessaging

/// Which accounts were sent for lately, and which cannot send: how calls ended within a sliding window.
///
/// An account is *active* if a message of it was delivered within the window or one of its calls failed for a reason that
/// concerns the account or the application. It is *failing* if the last such end was a failure, and either
/// - nothing of it was delivered within the window, or
/// - the worker has given it up since: it is stopped, held or parked, or
/// - it failed several times in a row.
///
/// It is failing too if its last few calls, to different people, were refused with the same code, as a broken application
/// or proof looks like: refusals of one message say nothing of the account by themselves.
///
/// So an account that works and has a single request refused does not count, and one that worked until a moment ago counts
/// long before its last success has left the window.
struct AccountEndings: Sendable {
    /// The verdict of a call's end on its account.
    enum Verdict: Sendable, Hashable {
        case works
        /// - Parameter isGivenUp: Whether the account makes no more calls because of it.
        case fails(isGivenUp: Bool)
        /// Graph refused one message.
        case refused
        /// Nothing: the end concerns one request, one person, or the way to Graph.
        case says(isAnswer: Bool)
    }

    private struct Entry {
        var id: String
        /// Failures since the last success.
        var failures: Int32 = 0
        var isGivenUp = false
        var error: SendError?
        /// The people that the last calls were for, where they were refused with the same code.
        var people: [String] = []
    }

    /// So many refusals in a row, to different people, with the same code make an account fail.
    static let refusedPeople = 3

    /// More accounts than that are not counted; the ones that ended longest ago are forgotten first.
    static let mostAccounts = 65_536

    let window: Int64
    let refusalsInARow: Int
    private(set) var active = 0
    private(set) var failing = 0
    private var entries = Slab(blank: Entry(id: ""))
    private var slots: [String: Int32] = [:]
    private var sent = RecencyList()
    private var failed = RecencyList()

    init(window: Duration, refusalsInARow: Int) {
        self.window = max(window.nanoseconds, 1)
        self.refusalsInARow = max(refusalsInARow, 1)
    }

    /// Takes note of a call's end, now.
    mutating func note(_ verdict: Verdict, of account: String, person: String = "", error: SendError?, at now: Int64) {
        expire(at: now)
        switch verdict {
        case .says(let isAnswer):
            guard isAnswer, let slot = slots[account] else { break }
            change(slot) { endings, slot in endings.entries[slot].people = [] }
        case .refused:
            change(slot(for: account)) { endings, slot in
                endings.failed.touch(slot, at: now)
                let isSame = endings.entries[slot].error.map(Cause.init) == error.map(Cause.init)
                if !isSame { endings.entries[slot].people = [] }
                if !endings.entries[slot].people.contains(person) { endings.entries[slot].people.append(person) }
                if endings.entries[slot].people.count > Self.refusedPeople {
                    endings.entries[slot].people.removeFirst()
                }
                endings.entries[slot].error = error
            }
        case .works:
            change(slot(for: account)) { endings, slot in
                endings.sent.touch(slot, at: now)
                endings.entries[slot].failures = 0
                endings.entries[slot].isGivenUp = false
                endings.entries[slot].error = nil
                endings.entries[slot].people = []
            }
        case .fails(let isGivenUp):
            change(slot(for: account)) { endings, slot in
                endings.failed.touch(slot, at: now)
                endings.entries[slot].failures = min(endings.entries[slot].failures + 1, 1_000_000)
                endings.entries[slot].isGivenUp = endings.entries[slot].isGivenUp || isGivenUp
                endings.entries[slot].error = error
            }
        }
    }

    /// Forgets what has left the window.
    mutating func expire(at now: Int64) {
        let end = now.saturatingSubtract(window)
        while let time = failed.firstTime, time <= end { change(failed.first) { $0.failed.remove($1) } }
        while let time = sent.firstTime, time <= end { change(sent.first) { $0.sent.remove($1) } }
    }

    mutating func forgetAll() { self = AccountEndings(window: .nanoseconds(window), refusalsInARow: refusalsInARow) }

    /// Returns what most of the failing accounts failed with last, and how many they are. Looks at every account that
    /// failed.
    func mostFrequentCause() -> (error: SendError, accounts: Int)? {
        var causes: [(error: SendError, accounts: Int)] = []
        var places: [Cause: Int] = [:]
        var slot = failed.first
        while slot >= 0 {
            if isFailing(slot), let error = entries[slot].error {
                let place = places[Cause(error), default: causes.count]
                places[Cause(error)] = place
                if place == causes.count { causes.append((error, 0)) }
                causes[place].accounts += 1
            }
            slot = failed.next(after: slot)
        }
        // The first of several: the order of a dictionary would differ from run to run.
        return causes.reduce(nil) { best, cause in
            best.map { $0.accounts < cause.accounts } ?? true ? cause : best
        }
    }

    struct Cause: Hashable {
        var category: ErrorCategory
        var code: Int?
        var subcode: Int?

        init(_ error: SendError) {
            category = error.category
            code = error.code
            subcode = error.subcode
        }
    }

    // MARK: Counting

    private func isActive(_ slot: Int32) -> Bool { sent.contains(slot) || failed.contains(slot) }

    private func isFailing(_ slot: Int32) -> Bool {
        let entry = entries[slot]
        guard failed.contains(slot) else { return false }
        if entry.people.count >= Self.refusedPeople { return true }
        guard entry.failures > 0 else { return false }
        return !sent.contains(slot) || entry.isGivenUp || Int(entry.failures) >= refusalsInARow
    }

    private mutating func change(_ slot: Int32, _ body: (inout AccountEndings, Int32) -> Void) {
        if isActive(slot) { active -= 1 }
        if isFailing(slot) { failing -= 1 }
        body(&self, slot)
        if isFailing(slot) { failing += 1 }
        if isActive(slot) {
            active += 1
        } else {
            slots[entries[slot].id] = nil
            entries.remove(slot)
        }
    }

    private mutating func slot(for account: String) -> Int32 {
        if let slot = slots[account] { return slot }
        if entries.count >= Self.mostAccounts { forgetOldest() }
        let slot = entries.insert(Entry(id: account))
        slots[account] = slot
        return slot
    }

    private mutating func forgetOldest() {
        let isFailure = (failed.firstTime ?? .max) < (sent.firstTime ?? .max)
        change(isFailure ? failed.first : sent.first) { endings, slot in
            endings.sent.remove(slot)
            endings.failed.remove(slot)
        }
    }
}

extension CallOutcome {
    /// The verdict of this end on the account, or on the application that all accounts share.
    var safetyVerdict: AccountEndings.Verdict {
        switch outcomeClass {
        case .delivered: return .works
        case .accountHeld, .accountStopped, .tokenDead: return .fails(isGivenUp: true)
        case .notSent, .unknown, .throttled, .applicationThrottled: return .says(isAnswer: false)
        case .mediaFetch, .alreadyAnswered: return .says(isAnswer: true)
        case .refused: break
        }
        return switch scope {
        case .account, .application: .fails(isGivenUp: false)
        case .message: .refused
        case .person, .post, .feature: .says(isAnswer: true)
        }
    }
}

/// An account whose calls Graph answers without saying what became of them: single probes go out until one is answered
/// otherwise, so that a queue does not turn into unknown results.
struct AnsweredTrouble: Sendable {
    /// So many such answers in a row begin it.
    private static let answersInARow = 3

    private var inARow = 0
    private var probes = 0
    private(set) var lastAt = Int64.min
    /// No call before this moment.
    private(set) var probeAt = Int64.min

    /// Nobody knows what became of an answered call.
    mutating func unknown(now: Int64, _ settings: EngineSettings.HealthSettings) {
        inARow = min(inARow + 1, 1_000_000)
        lastAt = now
        guard isProbing else { return }
        // Calls that ran side by side count once.
        guard probeAt <= now else { return }
        probes = min(probes + 1, 1_000)
        probeAt = now.saturatingAdd(settings.probeDelay.doubled(probes, upTo: settings.maxProbeDelay))
    }

    /// Whether single probes go out; one more such answer would say more of the account than of the endpoint.
    var isProbing: Bool { inARow >= Self.answersInARow }

    var hasBegun: Bool { inARow > 0 }

    mutating func end() { self = AnsweredTrouble() }
}

/// Slots in the order in which they were last touched, each at most once; every step takes the same time.
struct RecencyList: Sendable {
    private struct Node {
        var time = Int64.min
        var previous: Int32 = -1
        var next: Int32 = -1
        var isIn = false
    }

    private var nodes: [Node] = []
    /// The one touched longest ago; -1 for none.
    private(set) var first: Int32 = -1
    private var last: Int32 = -1

    /// The moment at which the slot that was touched longest ago was touched.
    var firstTime: Int64? { first >= 0 ? nodes[Int(first)].time : nil }

    func contains(_ slot: Int32) -> Bool { Int(slot) < nodes.count && nodes[Int(slot)].isIn }

    /// The slot touched next after one that is in.
    func next(after slot: Int32) -> Int32 { nodes[Int(slot)].next }

    /// Puts the slot at the end. Times must not go back from one touch to the next.
    mutating func touch(_ slot: Int32, at time: Int64) {
        while Int(slot) >= nodes.count { nodes.append(Node()) }
        remove(slot)
        nodes[Int(slot)] = Node(time: time, previous: last, next: -1, isIn: true)
        if last >= 0 { nodes[Int(last)].next = slot } else { first = slot }
        last = slot
    }

    mutating func remove(_ slot: Int32) {
        guard contains(slot) else { return }
        let node = nodes[Int(slot)]
        if node.previous >= 0 { nodes[Int(node.previous)].next = node.next } else { first = node.next }
        if node.next >= 0 { nodes[Int(node.next)].previous = node.previous } else { last = node.previous }
        nodes[Int(slot)].isIn = false
    }
}
