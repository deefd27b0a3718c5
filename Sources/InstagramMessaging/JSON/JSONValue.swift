/// A JSON value together with the bytes it was read from.
///
/// Numbers keep their text and objects keep the order of their members, so that nothing of the source is lost.
package struct JSONValue: Sendable, Hashable {
    /// The content of the value.
    package enum Content: Sendable, Hashable {
        case null
        case bool(Bool)
        /// A number as it was written, such as `1.50e3`.
        case number(String)
        case string(String)
        case array([JSONValue])
        case object([JSONMember])
    }

    package var content: Content
    /// The offsets of the value's bytes in the document, without white space around it.
    package var range: Range<Int>

    package init(content: Content, range: Range<Int>) {
        self.content = content
        self.range = range
    }
}

/// One name and value of a JSON object.
package struct JSONMember: Sendable, Hashable {
    /// The name with its escapes resolved.
    package var name: String
    /// The offsets of the name's bytes in the document, quotation marks included.
    package var nameRange: Range<Int>
    package var value: JSONValue

    package init(name: String, nameRange: Range<Int>, value: JSONValue) {
        self.name = name
        self.nameRange = nameRange
        self.value = value
    }

    /// Whether it has a name that is ASCII. Nearly all that have not differ in their length, which is told at once.
    func isNamed(_ name: String) -> Bool { self.name.utf8.count == name.utf8.count && self.name == name }

    /// Whether it has one of those names, which are ASCII.
    func isNamed(oneOf names: [String]) -> Bool { names.contains { isNamed($0) } }
}

extension JSONValue {
    /// Told without a comparison of contents, which looks into both.
    package var isNull: Bool {
        if case .null = content { true } else { false }
    }

    /// The text of a string; nil for every other type.
    package var string: String? {
        if case .string(let text) = content { text } else { nil }
    }

    /// The value of a number that is written as an integer and fits into `Int`; nil for everything else.
    package var integer: Int? {
        if case .number(let text) = content { Int(text) } else { nil }
    }

    /// The value of `true` or `false`; nil for every other type.
    package var bool: Bool? {
        if case .bool(let value) = content { value } else { nil }
    }

    /// The elements of an array; nil for every other type.
    package var array: [JSONValue]? {
        if case .array(let elements) = content { elements } else { nil }
    }

    /// The members of an object in the order they were written; nil for every other type.
    package var members: [JSONMember]? {
        if case .object(let members) = content { members } else { nil }
    }

    /// The value of the member with that name; nil where there is none or this is not an object.
    package subscript(name: String) -> JSONValue? {
        members?.first { $0.isNamed(name) }?.value
    }

    /// The type as a phrase for a sentence: "a string", "null".
    package var typeName: String {
        switch content {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
