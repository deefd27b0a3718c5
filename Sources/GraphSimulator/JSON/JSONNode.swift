/// A JSON value. Objects keep the order of their members.
enum JSONNode: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case array([JSONNode])
    case object([JSONMember])

    /// The first member of that name; nil where there is none or this is no object.
    subscript(name: String) -> JSONNode? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    var string: String? {
        if case .string(let string) = self { string } else { nil }
    }

    var array: [JSONNode]? {
        if case .array(let values) = self { values } else { nil }
    }

    var isObject: Bool {
        if case .object = self { true } else { false }
    }
}

/// A member of a JSON object.
struct JSONMember: Hashable, Sendable {
    var name: String
    var value: JSONNode
}

extension JSONNode {
    /// An object without the members whose value is nil.
    static func object(_ members: KeyValuePairs<String, JSONNode?>) -> JSONNode {
        .object(members.compactMap { name, value in value.map { JSONMember(name: name, value: $0) } })
    }

    static func integer(_ value: Int?) -> JSONNode? { value.map { .integer(Int64($0)) } }
    static func string(_ value: String?) -> JSONNode? { value.map { .string($0) } }
    static func bool(_ value: Bool?) -> JSONNode? { value.map { .bool($0) } }

    /// Counts by name, sorted by name.
    static func counts(_ counts: [String: Int]) -> JSONNode {
        .object(counts.sorted { $0.key < $1.key }.map { JSONMember(name: $0.key, value: .integer(Int64($0.value))) })
    }
}
