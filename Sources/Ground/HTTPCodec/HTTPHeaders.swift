/// The fields (headers) of a message in their order.
///
/// They stay bytes: a name is compared where it stands, and a value becomes a `String` only when it is asked for. A copy
/// shares the bytes until one of the two is changed.
package struct HTTPHeaders: Sendable {
    /// The place of one field among the bytes.
    struct Line {
        private let nameStart: Int32
        private let nameEnd: Int32
        private let valueStart: Int32
        private let valueEnd: Int32

        init(name: Range<Int>, value: Range<Int>) {
            nameStart = Int32(name.lowerBound)
            nameEnd = Int32(name.upperBound)
            valueStart = Int32(value.lowerBound)
            valueEnd = Int32(value.upperBound)
        }

        var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
        var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    }

    /// The bytes that were read or added, and between them those that belong to no field any more.
    var bytes: [UInt8] = []
    var lines: [Line] = []

    package init() {}

    package init(_ fields: [(name: String, value: String)]) {
        for field in fields { add(field.name, field.value) }
    }

    package var count: Int { lines.count }
    package var isEmpty: Bool { lines.isEmpty }

    /// Adds a field behind the others.
    package mutating func add(_ name: String, _ value: String) {
        let start = bytes.count
        bytes.append(contentsOf: name.utf8)
        let middle = bytes.count
        bytes.append(contentsOf: value.utf8)
        lines.append(Line(name: start..<middle, value: middle..<bytes.count))
    }

    /// Puts one field in place of all of this name.
    package mutating func set(_ name: String, _ value: String) {
        remove(name)
        add(name, value)
    }

    package mutating func remove(_ name: String) {
        lines = lines.filter { !bytes.span.matches($0.name, name) }
    }

    /// Removes all fields. The storage stays for those to come.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        lines.removeAll(keepingCapacity: true)
    }

    /// The value of the first field of this name, whatever the case of its letters.
    package func first(_ name: String) -> String? {
        for line in lines where bytes.span.matches(line.name, name) { return bytes.span.text(line.value) }
        return nil
    }

    /// The values of all fields of this name in their order.
    package func all(_ name: String) -> [String] {
        lines.filter { bytes.span.matches($0.name, name) }.map { bytes.span.text($0.value) }
    }

    package func contains(_ name: String) -> Bool {
        lines.contains { bytes.span.matches($0.name, name) }
    }

    /// Whether a field of this name has the text, whatever its case, among its comma-separated elements.
    package func contains(_ name: String, listing element: String) -> Bool {
        for line in lines where bytes.span.matches(line.name, name) {
            var list = HTTPListReader(line.value)
            while let range = list.next(in: bytes.span) {
                if bytes.span.matches(range, element) { return true }
            }
        }
        return false
    }

    /// The value of the first field of this name as a number; nil where it is missing or not 1 to 18 digits.
    package func number(_ name: String) -> Int? {
        for line in lines where bytes.span.matches(line.name, name) { return bytes.span.decimal(line.value) }
        return nil
    }
}

extension HTTPHeaders: Sequence {
    package struct Iterator: IteratorProtocol {
        private let headers: HTTPHeaders
        private var place = 0

        init(_ headers: HTTPHeaders) { self.headers = headers }

        package mutating func next() -> (name: String, value: String)? {
            guard place < headers.lines.count else { return nil }
            let line = headers.lines[place]
            place += 1
            return (headers.bytes.span.text(line.name), headers.bytes.span.text(line.value))
        }
    }

    package func makeIterator() -> Iterator { Iterator(self) }
    package var underestimatedCount: Int { lines.count }
}

extension HTTPHeaders: Equatable {
    /// Equal names (whatever the case of their letters) and equal values in the same order.
    package static func == (one: HTTPHeaders, other: HTTPHeaders) -> Bool {
        one.elementsEqual(other) { $0.value == $1.value && $0.name.lowercased() == $1.name.lowercased() }
    }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral fields: (String, String)...) {
        for field in fields { add(field.0, field.1) }
    }
}
