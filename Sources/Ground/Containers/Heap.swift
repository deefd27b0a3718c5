/// A binary heap: gives its elements in ascending order.
///
/// Inserting and taking out the least element take logarithmic time. Elements that are equal come in no given order.
///
/// Public although no product shows it: of what other targets import, the compiler specializes only what is public and
/// inlinable. With `package` each access goes through generic witnesses, ten times as slow.
@frozen
public struct Heap<Element: Comparable> {
    @usableFromInline
    var elements: [Element] = []

    /// Creates an empty heap.
    @inlinable
    public init() {}

    @inlinable public var count: Int { elements.count }
    @inlinable public var isEmpty: Bool { elements.isEmpty }
    /// The least element; nil where there is none.
    @inlinable public var min: Element? { elements.isEmpty ? nil : elements[0] }

    @inlinable
    public mutating func insert(_ element: Element) {
        elements.append(element)
        var place = elements.count - 1
        while place > 0 {
            let parent = (place - 1) / 2
            guard elements[place] < elements[parent] else { break }
            elements.swapAt(place, parent)
            place = parent
        }
    }

    /// Removes the least element and returns it; nil where there is none.
    @inlinable
    public mutating func popMin() -> Element? {
        guard let last = elements.popLast() else { return nil }
        guard !elements.isEmpty else { return last }
        let least = elements[0]
        elements[0] = last
        siftDown(0)
        return least
    }

    /// Removes every element that fits, and puts what is left in order again, in linear time.
    @inlinable
    public mutating func removeAll(where fits: (Element) -> Bool) {
        elements.removeAll(where: fits)
        for place in stride(from: elements.count / 2 - 1, through: 0, by: -1) { siftDown(place) }
    }

    /// Removes all elements. The storage stays for those to come.
    @inlinable
    public mutating func removeAll() { elements.removeAll(keepingCapacity: true) }

    @inlinable
    mutating func siftDown(_ start: Int) {
        var place = start
        while true {
            var child = 2 * place + 1
            guard child < elements.count else { break }
            if child + 1 < elements.count, elements[child + 1] < elements[child] { child += 1 }
            guard elements[child] < elements[place] else { break }
            elements.swapAt(place, child)
            place = child
        }
    }
}

extension Heap: Sendable where Element: Sendable {}
