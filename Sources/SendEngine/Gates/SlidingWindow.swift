import Containers

/// Counts calls so that never more than a number of them fall into any stretch of time of one length.
///
/// Graph counts a call at an unknown moment between its start and its answer. A slot is therefore free again one length
/// after the answer, or after the start plus the slack that a call may take to arrive, whichever is sooner.
struct SlidingWindow: Sendable {
    /// The moment at which there is room for one more call.
    enum Room: Sendable, Hashable {
        case now
        /// At this moment on the monotonic clock.
        case at(Int64)
        /// The moment at which a reservation is used or given back.
        case later
    }

    private(set) var limit: Int
    let length: Int64
    let slack: Int64
    /// The moments at which each taken slot is free again, ascending.
    private var releases = Deque<Int64>()
    /// Slots taken for calls that have not started.
    private(set) var reserved = 0
    /// No call before this moment, because nobody knows what was called before.
    private var closedUntil = Int64.min

    init(calls: Int, length: Int64, slack: Int64) {
        limit = max(calls, 1)
        self.length = max(length, 1)
        self.slack = max(slack, 0)
    }

    /// Returns when the next call may start. At a pace that is halved a number of times, only that part of the limit is
    /// used.
    func room(at now: Int64, paceSteps: Int = 0) -> Room {
        if closedUntil > now { return .at(closedUntil) }
        let allowed = max(limit >> min(max(paceSteps, 0), 62), 1)
        let over = firstTaken(after: now)
        let taken = releases.count - over + reserved
        guard taken >= allowed else { return .now }
        let index = over + taken - allowed
        return index < releases.count ? .at(releases[index]) : .later
    }

    /// The moment at which the last slot is free again, where one is taken by a call that has started.
    var emptyAt: Int64? { closedUntil == .min ? releases.last : max(releases.last ?? .min, closedUntil) }

    /// Changes how many calls there is room for. Those that were made count on: above a lowered limit there is no room
    /// until enough of them no longer count.
    mutating func change(limit calls: Int) { limit = max(calls, 1) }

    /// Returns how many calls count at the moment.
    func taken(at now: Int64) -> Int { releases.count - firstTaken(after: now) + reserved }

    /// Lets no call start until calls that were made before a moment no longer count.
    mutating func close(since moment: Int64) { closedUntil = max(closedUntil, moment.saturatingAdd(length)) }

    mutating func reserve() { reserved += 1 }

    mutating func giveBack() { reserved = max(reserved - 1, 0) }

    /// Takes a slot for a call that starts now.
    mutating func start(at now: Int64) {
        releases.removeFirst(firstTaken(after: now))
        insert(now.saturatingAdd(slack).saturatingAdd(length))
    }

    /// Frees the slot of a call sooner, since its answer has come.
    mutating func answered(startedAt start: Int64, at now: Int64) {
        let planned = start.saturatingAdd(slack).saturatingAdd(length)
        let actual = now.saturatingAdd(length)
        guard actual < planned else { return }
        let index = lowerBound(planned)
        guard index < releases.count, releases[index] == planned else { return }
        releases.remove(at: index)
        insert(actual)
    }

    /// Takes slots for calls that somebody else made.
    ///
    /// - Parameter keepsOwn: Whether the calls counted so far are not among them.
    mutating func restore(releases restored: [Int64], keepsOwn: Bool) {
        if !keepsOwn { releases.removeAll() }
        for release in restored { insert(release) }
    }

    /// Returns when the slots that are still taken are free again, ascending.
    func releases(after now: Int64) -> [Int64] { Array(releases.suffix(from: firstTaken(after: now))) }

    private mutating func insert(_ release: Int64) {
        if let last = releases.last, last > release {
            releases.insert(release, at: firstTaken(after: release))
        } else {
            releases.append(release)
        }
    }

    /// The index of the first slot that is still taken at a moment.
    private func firstTaken(after now: Int64) -> Int { lowerBound(now.saturatingAdd(1)) }

    private func lowerBound(_ value: Int64) -> Int {
        var low = 0
        var high = releases.count
        while low < high {
            let middle = (low + high) / 2
            if releases[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
