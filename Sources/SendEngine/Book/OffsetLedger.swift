import Containers

/// The knowledge of the offsets of one partition in one assignment: which were seen, and which of those are finished.
///
/// Offsets have gaps (transaction markers, compaction), so only seen ones count. Finished offsets side by side are kept
/// as one run; so the ledger's size is bounded by the number of unfinished requests, however long the oldest takes.
struct OffsetLedger: Sendable {
    /// The meaning that a record which was read has for this ledger.
    enum Admission: Sendable, Hashable {
        case new
        /// Read before in this assignment, or below the offset that it began with.
        case seen
        /// An earlier owner finished it.
        case finishedBefore
        /// An earlier owner may have sent it, or even sent it again.
        case startedBefore(again: Bool)
    }

    private struct Entry {
        var first: Int64
        var last: Int64
        /// The slot of the unfinished request; -1 for a run of finished offsets.
        var request: Int32
    }

    /// Ascending; the first is unfinished.
    private var entries = Deque<Entry>()
    private var lastSeen: Int64?
    private var restored: PartitionSnapshot?
    /// Unfinished offsets whose message may be delivered by a call that runs, is about to or had no known end.
    private var started: Set<Int64> = []
    /// Started offsets that were called again after a call without a known end.
    private var resent: Set<Int64> = []
    private var finishedSinceJoining = 0
    private(set) var unfinished = 0

    init(restored: PartitionSnapshot? = nil) {
        self.restored = restored
    }

    /// The offset to commit: the lowest unfinished one, or the one after the last seen, or the one that was begun with; nil
    /// where none of them is known.
    var nextOffset: Int64? { entries.first?.first ?? lastSeen?.saturatingAdd(1) ?? restored?.base }

    /// Whether there is an offset to commit.
    var isAnchored: Bool { nextOffset != nil }

    func admission(of offset: Int64) -> Admission {
        if let lastSeen, offset <= lastSeen { return .seen }
        guard let restored else { return .new }
        if offset < restored.base { return .seen }
        if restored.finished.covers(offset) { return .finishedBefore }
        if restored.resent.covers(offset) { return .startedBefore(again: true) }
        return restored.started.covers(offset) ? .startedBefore(again: false) : .new
    }

    /// Adds a new offset, which must be above all seen ones.
    mutating func add(_ offset: Int64, request: Int32) {
        see(offset)
        entries.append(Entry(first: offset, last: offset, request: request))
        unfinished += 1
    }

    /// Adds a new offset that is finished already.
    mutating func addFinished(_ offset: Int64) {
        see(offset)
        guard let last = entries.last else { return }
        if last.request < 0 {
            entries[entries.count - 1].last = offset
        } else {
            entries.append(Entry(first: offset, last: offset, request: -1))
        }
    }

    /// The slot of an unfinished request.
    func request(at offset: Int64) -> Int32? {
        guard let index = index(of: offset), entries[index].request >= 0 else { return nil }
        return entries[index].request
    }

    mutating func finish(_ offset: Int64) {
        guard let index = index(of: offset), entries[index].request >= 0 else { return }
        entries[index].request = -1
        unmarkStarted(offset)
        unfinished -= 1
        while let first = entries.first, first.request < 0 { entries.removeFirst() }
        finishedSinceJoining += 1
        if finishedSinceJoining > max(64, entries.count / 4) { joinFinished() }
    }

    /// - Parameter again: Whether an earlier call of it had no known end.
    mutating func markStarted(_ offset: Int64, again: Bool) {
        if again {
            started.remove(offset)
            resent.insert(offset)
        } else {
            started.insert(offset)
        }
    }

    mutating func unmarkStarted(_ offset: Int64) {
        started.remove(offset)
        resent.remove(offset)
    }

    /// Whether any unfinished request may be delivered.
    var hasMarks: Bool { !started.isEmpty || !resent.isEmpty }

    /// Slots of all unfinished requests, in the order of their offsets.
    var requests: [Int32] { entries.filter { $0.request >= 0 }.map(\.request) }

    /// Returns what a new owner must know if the next offset were committed now.
    func snapshot() -> PartitionSnapshot {
        let base = nextOffset ?? 0
        var snapshot = PartitionSnapshot(base: base)
        var isBehindFinished = false
        for entry in entries {
            if entry.request < 0 {
                if isBehindFinished, let last = snapshot.finished.popLast() {
                    snapshot.finished.append(last.lowerBound..<entry.last + 1)
                } else {
                    snapshot.finished.append(entry.first..<entry.last + 1)
                }
            }
            isBehindFinished = entry.request < 0
        }
        for offset in started.sorted() { snapshot.started.appendJoining(offset..<offset + 1) }
        for offset in resent.sorted() { snapshot.resent.appendJoining(offset..<offset + 1) }
        addUnread(to: &snapshot)
        return snapshot
    }

    /// Adds what was restored and not read again yet, which is still true.
    private func addUnread(to snapshot: inout PartitionSnapshot) {
        guard let restored else { return }
        let unread = max(snapshot.base, lastSeen?.saturatingAdd(1) ?? .min)
        for list in [\PartitionSnapshot.finished, \.started, \.resent] {
            for range in restored[keyPath: list].rest(from: unread) { snapshot[keyPath: list].appendJoining(range) }
        }
    }

    private mutating func see(_ offset: Int64) {
        lastSeen = offset
        guard let restored else { return }
        let lists = [restored.finished, restored.started, restored.resent]
        if lists.allSatisfy({ ($0.last?.upperBound ?? .min) <= offset }) { self.restored = nil }
    }

    private mutating func joinFinished() {
        var joined = Deque<Entry>()
        joined.reserveCapacity(entries.count)
        for entry in entries {
            if entry.request < 0, let last = joined.last, last.request < 0 {
                joined[joined.count - 1].last = entry.last
            } else {
                joined.append(entry)
            }
        }
        entries = joined
        finishedSinceJoining = 0
    }

    /// The entry that an offset is in.
    private func index(of offset: Int64) -> Int? {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].last < offset { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].first <= offset ? low : nil
    }
}
