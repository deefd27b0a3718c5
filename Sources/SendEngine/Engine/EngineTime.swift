package import InstagramMessaging

/// The moment an event happens, as the shell's two clocks show it.
///
/// Limits, delays and holds are measured on the monotonic clock, which never jumps; deadlines that callers give
/// are on the wall clock.
package struct EngineTime: Sendable, Hashable {
    /// Nanoseconds on a clock that never goes back.
    package var monotonic: Int64
    /// The wall clock.
    package var wall: Timestamp

    package init(monotonic: Int64, wall: Timestamp) {
        self.monotonic = monotonic
        self.wall = wall
    }
}

extension EngineTime {
    /// Returns the wall clock, in milliseconds, at a moment on the monotonic one, as far as can be told now.
    func wall(at monotonic: Int64) -> Int64 {
        let ahead = monotonic.saturatingSubtract(self.monotonic) / 1_000_000
        return wall.millisecondsSinceEpoch.saturatingAdd(ahead)
    }

    /// Returns the moment on the monotonic clock of one on the wall clock, in milliseconds, as far as can be told now.
    func monotonic(at wall: Int64) -> Int64 {
        let ahead = wall.saturatingSubtract(self.wall.millisecondsSinceEpoch)
        return monotonic.saturatingAdd(ahead.saturatingMultiply(1_000_000))
    }

    /// The same, no further ahead than a wrong clock may push it; `Int64.min` for that.
    func monotonic(at wall: Int64, atMost longest: Duration) -> Int64 {
        guard wall != .min else { return .min }
        return min(monotonic(at: wall), monotonic.saturatingAdd(max(longest.nanoseconds, 0)))
    }
}

/// Times and spans on the monotonic clock are plain nanosecond counts; these stay at the end of the range instead of
/// overflowing, so that no setting and no clock can trap.
extension Int64 {
    /// A moment that never comes.
    static var never: Int64 { .max }

    func saturatingAdd(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }

    func saturatingSubtract(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }

    func saturatingMultiply(_ other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
    }

    /// The nearest whole number, at the end of the range for values beyond it; 0 for not-a-number.
    init(saturating value: Double) {
        if value.isNaN {
            self = 0
        } else if value >= 9.2e18 {
            self = .max
        } else if value <= -9.2e18 {
            self = .min
        } else {
            self = Int64(value)
        }
    }
}

extension Duration {
    /// Whole nanoseconds, at the end of the range for longer spans.
    package var nanoseconds: Int64 {
        let (seconds, rest) = components
        return seconds.saturatingMultiply(1_000_000_000).saturatingAdd(rest / 1_000_000_000)
    }
}

/// Slots in the order of a time given to each. A slot is in it once at most, and its time can be changed or withdrawn,
/// so that nothing stays behind for something that is over.
struct TimeHeap: Sendable {
    private struct Node {
        var time: Int64
        var slot: Int32
    }

    private var nodes: [Node] = []
    /// The place of each slot in `nodes`; -1 for slots that are not in the heap.
    private var places: [Int32] = []

    var count: Int { nodes.count }

    /// The soonest time in it.
    var firstTime: Int64? { nodes.first?.time }

    func time(of slot: Int32) -> Int64? {
        guard Int(slot) < places.count, places[Int(slot)] >= 0 else { return nil }
        return nodes[Int(places[Int(slot)])].time
    }

    /// Puts the slot in, or moves it if it is in already.
    mutating func set(_ slot: Int32, to time: Int64) {
        if Int(slot) >= places.count {
            places.append(contentsOf: repeatElement(-1, count: Int(slot) + 1 - places.count))
        }
        let place = Int(places[Int(slot)])
        if place >= 0 {
            nodes[place].time = time
            siftDown(siftUp(place))
        } else {
            nodes.append(Node(time: time, slot: slot))
            siftUp(nodes.count - 1)
        }
    }

    mutating func remove(_ slot: Int32) {
        guard Int(slot) < places.count, places[Int(slot)] >= 0 else { return }
        let place = Int(places[Int(slot)])
        places[Int(slot)] = -1
        let last = nodes.removeLast()
        guard place < nodes.count else { return }
        nodes[place] = last
        siftDown(siftUp(place))
    }

    /// Takes out the soonest slot if its time has come.
    mutating func popFirst(upTo time: Int64) -> Int32? {
        guard let first = nodes.first, first.time <= time else { return nil }
        remove(first.slot)
        return first.slot
    }

    @discardableResult
    private mutating func siftUp(_ start: Int) -> Int {
        let node = nodes[start]
        var place = start
        while place > 0 {
            let parent = (place - 1) / 2
            guard node.time < nodes[parent].time else { break }
            put(nodes[parent], at: place)
            place = parent
        }
        put(node, at: place)
        return place
    }

    private mutating func siftDown(_ start: Int) {
        let node = nodes[start]
        var place = start
        while true {
            var child = 2 * place + 1
            guard child < nodes.count else { break }
            if child + 1 < nodes.count, nodes[child + 1].time < nodes[child].time { child += 1 }
            guard nodes[child].time < node.time else { break }
            put(nodes[child], at: place)
            place = child
        }
        put(node, at: place)
    }

    private mutating func put(_ node: Node, at place: Int) {
        nodes[place] = node
        places[Int(node.slot)] = Int32(truncatingIfNeeded: place)
    }
}
