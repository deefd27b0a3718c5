/// An order of numbered slots, each of which can be taken out from anywhere in constant time.
///
/// The links stand in an array, so that nothing is allocated once it has grown.
struct LinkedSlots {
    private struct Link {
        var previous = LinkedSlots.none
        var next = LinkedSlots.none
        var isLinked = false
    }

    private static let none: Int32 = -1

    private var links: [Link] = []
    private var head = none
    private var tail = none
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }
    var first: Int? { head == Self.none ? nil : Int(head) }
    var last: Int? { tail == Self.none ? nil : Int(tail) }

    func contains(_ slot: Int) -> Bool { slot < links.count && links[slot].isLinked }

    /// The slot behind another one.
    func slot(after slot: Int) -> Int? {
        let next = links[slot].next
        return next == Self.none ? nil : Int(next)
    }

    mutating func append(_ slot: Int) {
        makeRoom(for: slot)
        links[slot] = Link(previous: tail, isLinked: true)
        if tail == Self.none { head = Int32(slot) } else { links[Int(tail)].next = Int32(slot) }
        tail = Int32(slot)
        count += 1
    }

    mutating func prepend(_ slot: Int) {
        makeRoom(for: slot)
        links[slot] = Link(next: head, isLinked: true)
        if head == Self.none { tail = Int32(slot) } else { links[Int(head)].previous = Int32(slot) }
        head = Int32(slot)
        count += 1
    }

    mutating func remove(_ slot: Int) {
        let link = links[slot]
        precondition(link.isLinked, "slot \(slot) is not in the order")
        if link.previous == Self.none { head = link.next } else { links[Int(link.previous)].next = link.next }
        if link.next == Self.none { tail = link.previous } else { links[Int(link.next)].previous = link.previous }
        links[slot] = Link()
        count -= 1
    }

    private mutating func makeRoom(for slot: Int) {
        while links.count <= slot { links.append(Link()) }
        precondition(!links[slot].isLinked, "slot \(slot) is in the order already")
    }
}
