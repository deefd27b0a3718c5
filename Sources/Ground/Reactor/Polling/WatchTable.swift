/// The watched descriptors, in slots that are used again.
///
/// Each use of a slot has a generation of its own, so an event that the system gathered before its descriptor was
/// unwatched finds nobody, even if descriptor and slot were given to somebody else in the same turn.
struct WatchTable {
    struct Entry {
        var descriptor: Int32
        var generation: UInt32
        var interest: Interest
        var handler: (any ReadinessHandler)?
    }

    private var entries: [Entry] = []
    private var free: [UInt32] = []

    var count: Int { entries.count - free.count }

    mutating func insert(_ descriptor: Int32, _ interest: Interest, _ handler: any ReadinessHandler) -> Watch {
        if let slot = free.popLast() {
            entries[Int(slot)].descriptor = descriptor
            entries[Int(slot)].interest = interest
            entries[Int(slot)].handler = handler
            return Watch(slot: slot, generation: entries[Int(slot)].generation)
        }
        let slot = UInt32(entries.count)
        entries.append(Entry(descriptor: descriptor, generation: 0, interest: interest, handler: handler))
        return Watch(slot: slot, generation: 0)
    }

    /// The handler to be told of an event, and what it asked for; nil where the event is stale.
    func handler(of watch: Watch) -> (handler: any ReadinessHandler, interest: Interest)? {
        guard let slot = index(of: watch), let handler = entries[slot].handler else { return nil }
        return (handler, entries[slot].interest)
    }

    /// Sets what is asked for and returns what was before, with the descriptor; nil where nothing changes.
    mutating func change(_ watch: Watch, to interest: Interest) -> (descriptor: Int32, before: Interest)? {
        guard let slot = index(of: watch) else { return nil }
        let before = entries[slot].interest
        guard before != interest else { return nil }
        entries[slot].interest = interest
        return (entries[slot].descriptor, before)
    }

    /// Frees the slot and returns what stood there; nil where nothing stands any more.
    mutating func remove(_ watch: Watch) -> Entry? {
        guard let slot = index(of: watch) else { return nil }
        let removed = entries[slot]
        entries[slot].handler = nil
        entries[slot].generation &+= 1
        free.append(watch.slot)
        return removed
    }

    var all: [Watch] {
        entries.indices.filter { entries[$0].handler != nil }
            .map { Watch(slot: UInt32($0), generation: entries[$0].generation) }
    }

    private func index(of watch: Watch) -> Int? {
        let slot = Int(watch.slot)
        guard slot < entries.count, entries[slot].generation == watch.generation, entries[slot].handler != nil else {
            return nil
        }
        return slot
    }
}
