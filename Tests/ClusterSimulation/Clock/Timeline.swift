import Containers

/// Virtual time: things happen in the order of their moments, and of their scheduling where moments are equal.
final class Timeline {
    private struct Entry: Comparable {
        var at: Int64
        var number: UInt64
        var body: () -> Void

        static func < (left: Entry, right: Entry) -> Bool { (left.at, left.number) < (right.at, right.number) }
        static func == (left: Entry, right: Entry) -> Bool { left.number == right.number }
    }

    /// Nanoseconds since the run began.
    private(set) var now: Int64 = 0
    private var entries = Heap<Entry>()
    private var lastNumber: UInt64 = 0

    /// Has something happen at a moment; at once where that has passed.
    func at(_ moment: Int64, _ body: @escaping () -> Void) {
        lastNumber += 1
        entries.insert(Entry(at: max(moment, now), number: lastNumber, body: body))
    }

    func after(_ delay: Int64, _ body: @escaping () -> Void) { at(now + max(delay, 0), body) }

    /// Lets go of all that has not happened, and so of those who had planned it.
    func removeAll() { entries = Heap() }

    /// Lets the next thing happen; false where nothing is left.
    func runNext() -> Bool {
        guard let next = entries.popMin() else { return false }
        now = next.at
        next.body()
        return true
    }
}

/// Lengths of virtual time in nanoseconds.
enum Span {
    static let microsecond: Int64 = 1_000
    static let millisecond: Int64 = 1_000_000
    static let second: Int64 = 1_000_000_000
    static let minute: Int64 = 60 * second
    static let hour: Int64 = 60 * minute
}
