/// A double-ended queue: a ring of contiguous storage that grows by doubling.
///
/// Adding and removing at both ends takes constant time on average, indexing constant time. Inserting and removing in
/// the middle moves the elements behind it.
///
/// A value like an array: a copy shares the storage until one of the two is changed.
///
/// Public although no product shows it: of what other targets import, the compiler specializes only what is public and
/// inlinable. With `package` each access goes through generic witnesses, ten times as slow.
@frozen
public struct Deque<Element> {
    /// The ring; as many slots as a power of two, or none. Nil where no element stands.
    @usableFromInline
    var slots: [Element?] = []
    /// The slot of the first element.
    @usableFromInline
    var head = 0
    @usableFromInline
    var size = 0

    /// Creates an empty queue.
    @inlinable
    public init() {}

    /// Creates a queue of these elements, in their order.
    @inlinable
    public init(_ elements: some Sequence<Element>) {
        append(contentsOf: elements)
    }

    /// Makes room for so many elements in all.
    @inlinable
    public mutating func reserveCapacity(_ capacity: Int) {
        if capacity > slots.count { grow(to: capacity) }
    }

    @inlinable
    public mutating func append(_ element: Element) {
        if size == slots.count { grow(to: size + 1) }
        slots[(head + size) & (slots.count - 1)] = element
        size += 1
    }

    @inlinable
    public mutating func append(contentsOf elements: some Sequence<Element>) {
        for element in elements { append(element) }
    }

    @inlinable
    public mutating func prepend(_ element: Element) {
        if size == slots.count { grow(to: size + 1) }
        head = (head - 1) & (slots.count - 1)
        slots[head] = element
        size += 1
    }

    /// Removes the first element and returns it; nil where there is none.
    @inlinable
    public mutating func popFirst() -> Element? {
        guard size > 0 else { return nil }
        let first = slots[head].take()
        head = (head + 1) & (slots.count - 1)
        size -= 1
        return first
    }

    /// Removes the last element and returns it; nil where there is none.
    @inlinable
    public mutating func popLast() -> Element? {
        guard size > 0 else { return nil }
        size -= 1
        return slots[(head + size) & (slots.count - 1)].take()
    }

    /// Removes the first element, which must be there.
    @inlinable
    @discardableResult
    public mutating func removeFirst() -> Element {
        guard let first = popFirst() else { preconditionFailure("an empty queue has no first element") }
        return first
    }

    /// Removes the first elements, of which there must be so many.
    @inlinable
    public mutating func removeFirst(_ count: Int) {
        precondition(count >= 0 && count <= size, "a queue of \(size) elements has no first \(count)")
        for _ in 0..<count { _ = popFirst() }
    }

    /// - Parameter keepingCapacity: Whether the storage stays for elements to come.
    @inlinable
    public mutating func removeAll(keepingCapacity: Bool = false) {
        if keepingCapacity {
            while popFirst() != nil {}
        } else {
            slots = []
        }
        head = 0
        size = 0
    }

    /// Puts an element before the one at an index, or at the end.
    @inlinable
    public mutating func insert(_ element: Element, at index: Int) {
        precondition(index >= 0 && index <= size, "\(index) is no place in a queue of \(size) elements")
        append(element)
        var place = size - 1
        while place > index {
            swapAt(place, place - 1)
            place -= 1
        }
    }

    /// Removes the element at an index and returns it.
    @inlinable
    @discardableResult
    public mutating func remove(at index: Int) -> Element {
        precondition(index >= 0 && index < size, "\(index) is no element of a queue of \(size)")
        for place in index..<size - 1 { swapAt(place, place + 1) }
        guard let removed = popLast() else { preconditionFailure("the queue is not empty") }
        return removed
    }

    @inlinable
    mutating func grow(to capacity: Int) {
        var length = Swift.max(slots.count, 4)
        while length < capacity { length *= 2 }
        var grown: [Element?] = []
        grown.reserveCapacity(length)
        for index in 0..<size {
            let slot = (head + index) & (slots.count - 1)
            grown.append(slots[slot].take())
        }
        grown.append(contentsOf: repeatElement(nil, count: length - size))
        slots = grown
        head = 0
    }
}

extension Deque: RandomAccessCollection, MutableCollection {
    @inlinable public var startIndex: Int { 0 }
    @inlinable public var endIndex: Int { size }

    @inlinable
    public subscript(index: Int) -> Element {
        get {
            precondition(index >= 0 && index < size, "\(index) is no element of a queue of \(size)")
            guard let element = slots[(head + index) & (slots.count - 1)] else {
                preconditionFailure("a slot within the queue is never empty")
            }
            return element
        }
        set {
            precondition(index >= 0 && index < size, "\(index) is no element of a queue of \(size)")
            slots[(head + index) & (slots.count - 1)] = newValue
        }
    }
}

extension Deque: ExpressibleByArrayLiteral {
    @inlinable
    public init(arrayLiteral elements: Element...) { self.init(elements) }
}

extension Deque: Sendable where Element: Sendable {}
extension Deque: Equatable where Element: Equatable {
    @inlinable
    public static func == (left: Self, right: Self) -> Bool { left.elementsEqual(right) }
}
