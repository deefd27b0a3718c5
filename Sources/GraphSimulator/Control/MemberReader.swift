/// Reads an object of the control interface member by member and knows which members were asked for.
struct MemberReader {
    private let members: JSONNode
    private let what: String
    private var asked: [String] = []

    /// Throws where the value is no object. `what` names it in errors.
    init(_ value: JSONNode, what: String) throws(ControlError) {
        guard value.isObject else { throw ControlError("\(what) must be a JSON object") }
        members = value
        self.what = what
    }

    mutating func string(_ name: String) throws(ControlError) -> String? {
        guard let value = value(name) else { return nil }
        guard let string = value.string, !string.isEmpty else { throw ControlError("\(name) must be a string") }
        return string
    }

    mutating func bool(_ name: String) throws(ControlError) -> Bool? {
        guard let value = value(name) else { return nil }
        guard case .bool(let bool) = value else { throw ControlError("\(name) must be true or false") }
        return bool
    }

    mutating func integer(_ name: String) throws(ControlError) -> Int? {
        guard let value = value(name) else { return nil }
        guard case .integer(let integer) = value else { throw ControlError("\(name) must be a whole number") }
        return Int(integer)
    }

    mutating func number(_ name: String) throws(ControlError) -> Double? {
        switch value(name) {
        case nil: return nil
        case .integer(let integer): return Double(integer)
        case .double(let double): return double
        default: throw ControlError("\(name) must be a number")
        }
    }

    mutating func duration(_ name: String) throws(ControlError) -> Duration? {
        guard let value = value(name) else { return nil }
        guard let text = value.string, let duration = Self.duration(text) else {
            throw ControlError("\(name) must be a duration such as \"250ms\", \"30s\", \"15m\" or \"24h\"")
        }
        return duration
    }

    /// Throws where the object has members nobody asked for.
    func refuseOthers() throws(ControlError) {
        guard case .object(let members) = members else { return }
        guard let other = members.first(where: { !asked.contains($0.name) }) else { return }
        throw ControlError("\(what) has no \"\(other.name)\"; accepted here are \(asked.joined(separator: ", "))")
    }

    private mutating func value(_ name: String) -> JSONNode? {
        asked.append(name)
        let value = members[name]
        return value == .null ? nil : value
    }

    /// A whole number and `ms`, `s`, `m` or `h`.
    private static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), number <= 1_000_000_000_000_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": return .milliseconds(number)
        case "s": return .seconds(number)
        case "m": return .seconds(number * 60)
        case "h": return .seconds(number * 3600)
        default: return nil
        }
    }
}
