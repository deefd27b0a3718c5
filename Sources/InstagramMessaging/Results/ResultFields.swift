/// The members of a JSON object of a result, taken by name and type; every failure names its place.
struct ResultFields {
    private let object: JSONValue
    private let pointer: String

    init(_ value: JSONValue, at pointer: String) throws(ResultFormatError) {
        guard value.members != nil else {
            throw ResultFormatError(field: pointer, problem: "is \(value.typeName); it has to be an object")
        }
        object = value
        self.pointer = pointer
    }

    func failure(_ name: String, _ problem: String) -> ResultFormatError {
        ResultFormatError(field: "\(pointer)/\(name)", problem: problem)
    }

    /// A member; nil where it is missing or `null`.
    func value(_ name: String) -> JSONValue? {
        guard let value = object[name], value.content != .null else { return nil }
        return value
    }

    func fields(_ name: String) throws(ResultFormatError) -> ResultFields? {
        guard let value = value(name) else { return nil }
        return try ResultFields(value, at: "\(pointer)/\(name)")
    }

    func elements(_ name: String) throws(ResultFormatError) -> [ResultFields] {
        guard let value = value(name) else { return [] }
        guard let elements = value.array else { throw failure(name, "is \(value.typeName); it has to be an array") }
        var fields: [ResultFields] = []
        for (index, element) in elements.enumerated() {
            fields.append(try ResultFields(element, at: "\(pointer)/\(name)/\(index)"))
        }
        return fields
    }

    func strings(_ name: String) throws(ResultFormatError) -> [String] {
        guard let value = value(name) else { return [] }
        guard let elements = value.array else { throw failure(name, "is \(value.typeName); it has to be an array") }
        var strings: [String] = []
        for element in elements {
            guard let text = element.string else { throw failure(name, "holds something else than strings") }
            strings.append(text)
        }
        return strings
    }

    func optionalString(_ name: String) throws(ResultFormatError) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.string else { throw failure(name, "is \(value.typeName); it has to be a string") }
        return text
    }

    func string(_ name: String) throws(ResultFormatError) -> String {
        guard let text = try optionalString(name) else { throw failure(name, "is missing") }
        return text
    }

    func optionalInteger<Number: FixedWidthInteger>(
        _ name: String,
        as type: Number.Type = Number.self
    ) throws(ResultFormatError) -> Number? {
        guard let value = value(name) else { return nil }
        guard let number = value.integer.flatMap(Number.init(exactly:)) else {
            throw failure(name, "has to be an integer from \(Number.min) to \(Number.max)")
        }
        return number
    }

    func integer<Number: FixedWidthInteger>(
        _ name: String,
        as type: Number.Type = Number.self
    ) throws(ResultFormatError) -> Number {
        guard let number = try optionalInteger(name, as: type) else { throw failure(name, "is missing") }
        return number
    }

    func bool(_ name: String) throws(ResultFormatError) -> Bool {
        guard let value = value(name) else { throw failure(name, "is missing") }
        guard let bool = value.bool else { throw failure(name, "is \(value.typeName); it has to be true or false") }
        return bool
    }

    func timestamp(_ name: String) throws(ResultFormatError) -> Timestamp {
        guard let timestamp = Timestamp(rfc3339: try string(name)) else {
            throw failure(name, "is not an RFC 3339 date-time such as 2025-06-30T12:05:09.250Z")
        }
        return timestamp
    }

    func word<Word: RawRepresentable<String> & CaseIterable>(_ name: String) throws(ResultFormatError) -> Word {
        guard let word = Word(rawValue: try string(name)) else {
            let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw failure(name, "is none of \(known)")
        }
        return word
    }
}
