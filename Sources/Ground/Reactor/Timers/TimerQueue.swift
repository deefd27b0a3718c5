import Containers

/// Something whose timers run out.
package protocol TimerTarget: AnyObject {
    /// Called on the reactor's thread, once for each timer.
    ///
    /// - Parameter tag: The number given with the timer, which tells a target's timers apart.
    func timerFired(_ tag: Int)
}

/// A timer that was set. Names nothing any more once the timer ran out or was cancelled.
package struct TimerID: Hashable, Sendable {
    let slot: Int
    /// From 1.
    let sequence: UInt64

    /// A timer that was never set.
    package static let none = TimerID(slot: 0, sequence: 0)
}

/// The timers of one reactor; it has no clock.
///
/// Targets stand in slots that are used again, deadlines in a heap. Cancelling frees the slot at once and leaves the
/// heap alone; what is left behind there is dropped when its time comes, or all at once when most of the heap is such.
struct TimerQueue {
    private struct Slot {
        var target: (any TimerTarget)?
        var tag = 0
        /// The number of the timer that stands here; no other timer ever has it.
        var sequence: UInt64 = 0
    }

    private struct Entry: Comparable {
        var deadline: Int64
        var sequence: UInt64
        var slot: Int

        static func < (left: Entry, right: Entry) -> Bool {
            left.deadline != right.deadline ? left.deadline < right.deadline : left.sequence < right.sequence
        }
    }

    private var slots: [Slot] = []
    private var free: [Int] = []
    private var heap = Heap<Entry>()
    /// The timers of this turn: those that were due when it began.
    private var due = Deque<Entry>()
    private var lastSequence: UInt64 = 0
    /// The number of entries of the heap that are of cancelled timers.
    private var cancelled = 0

    /// The number of timers that are set.
    var count: Int { slots.count - free.count }
    /// The number of entries that the heap holds, cancelled ones included.
    var entryCount: Int { heap.count }

    mutating func set(at deadline: Int64, target: any TimerTarget, tag: Int) -> TimerID {
        lastSequence += 1
        let slot: Int
        if let used = free.popLast() {
            slot = used
        } else {
            slot = slots.count
            slots.append(Slot())
        }
        slots[slot].target = target
        slots[slot].tag = tag
        slots[slot].sequence = lastSequence
        heap.insert(Entry(deadline: deadline, sequence: lastSequence, slot: slot))
        return TimerID(slot: slot, sequence: lastSequence)
    }

    /// Takes a timer away and returns its target; nil where it is not set any more.
    ///
    /// The target is given back so that it is let go outside of this value: what it then does may set other timers.
    mutating func cancel(_ timer: TimerID) -> (any TimerTarget)? {
        guard let target = release(timer.slot, timer.sequence)?.target else { return nil }
        cancelled += 1
        if cancelled > 64, cancelled > heap.count / 2 { dropCancelled() }
        return target
    }

    /// The earliest deadline; nil where no timer is set.
    mutating func nextDeadline() -> Int64? {
        while let first = heap.min {
            if isSet(first) { return first.deadline }
            _ = heap.popMin()
            cancelled -= 1
        }
        return nil
    }

    /// Notes which timers are due, deadlines at `now` included. Those set from now on wait for the next time.
    mutating func collectDue(at now: Int64) {
        while let first = heap.min, first.deadline <= now {
            _ = heap.popMin()
            if isSet(first) { due.append(first) } else { cancelled -= 1 }
        }
    }

    /// Takes the next of the noted timers that was not cancelled since.
    mutating func popDue() -> (target: any TimerTarget, tag: Int)? {
        while let first = due.popFirst() {
            if let found = release(first.slot, first.sequence) { return found }
            // The heap does not hold it any more, though its cancellation counted it.
            cancelled -= 1
        }
        return nil
    }

    /// Takes all timers away and returns their targets.
    mutating func removeAll() -> [any TimerTarget] {
        let targets = slots.compactMap(\.target)
        for slot in slots.indices where slots[slot].target != nil { _ = release(slot, slots[slot].sequence) }
        heap.removeAll()
        due.removeAll()
        cancelled = 0
        return targets
    }

    private func isSet(_ entry: Entry) -> Bool {
        slots[entry.slot].sequence == entry.sequence && slots[entry.slot].target != nil
    }

    private mutating func release(_ slot: Int, _ sequence: UInt64) -> (target: any TimerTarget, tag: Int)? {
        guard slot < slots.count, slots[slot].sequence == sequence, let target = slots[slot].target.take() else {
            return nil
        }
        free.append(slot)
        return (target, slots[slot].tag)
    }

    private mutating func dropCancelled() {
        // One that is noted as due stays counted until it is passed over.
        let before = heap.count
        let slots = slots
        heap.removeAll { slots[$0.slot].sequence != $0.sequence || slots[$0.slot].target == nil }
        cancelled -= before - heap.count
    }
}
