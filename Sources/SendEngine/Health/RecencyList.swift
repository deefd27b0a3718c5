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

    /// When the slot that was touched longest ago was touched.
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
