/// Numbered places for values, used again once they are free, so that links between values are 4 bytes and nothing is
/// allocated per value.
struct Slab<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var free: [Int32] = []
    /// Stands in free places, so that they hold on to nothing.
    private let blank: Element

    init(blank: Element) {
        self.blank = blank
    }

    /// One more than the largest place that was ever used; free ones among them hold the blank value.
    var places: Int32 { Int32(truncatingIfNeeded: elements.count) }

    /// Values in use.
    var count: Int { elements.count - free.count }

    mutating func insert(_ element: Element) -> Int32 {
        if let slot = free.popLast() {
            elements[Int(slot)] = element
            return slot
        }
        elements.append(element)
        return Int32(truncatingIfNeeded: elements.count - 1)
    }

    mutating func remove(_ slot: Int32) {
        elements[Int(slot)] = blank
        free.append(slot)
    }

    subscript(slot: Int32) -> Element {
        _read { yield elements[Int(slot)] }
        _modify { yield &elements[Int(slot)] }
    }
}
