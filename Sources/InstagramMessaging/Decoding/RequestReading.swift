/// One pass over a record: where it stands, and what it has found wrong so far.
///
/// Its extensions read one part of a request each. A part that breaks a rule is reported and reading goes on, so that
/// all broken rules are found at once; what could not be read is nil.
struct RequestReading {
    let options: RequestDecoder.Options
    private(set) var violations: [Violation] = []
    /// Broken rules that were found after the list was full.
    private(set) var omittedCount = 0
    /// True where a member has another JSON type than the contract gives it.
    private(set) var hasWrongType = false
    /// The names and indices that lead to the object being read.
    private var path: [String] = []

    init(options: RequestDecoder.Options) {
        self.options = options
    }

    /// True where no rule has been found broken.
    var isClean: Bool { violations.isEmpty }

    /// Reports a broken rule at a member of the object being read, or at the object itself.
    ///
    /// The message is composed only while the list has room. It never holds text that a person is to read, URLs or
    /// ids: results and logs repeat it.
    mutating func report(_ rule: RuleID, at member: String? = nil, _ message: @autoclosure () -> String) {
        if rule == .memberType { hasWrongType = true }
        guard violations.count < RequestDecoder.maximumViolations else {
            omittedCount += 1
            return
        }
        let field = JSONPointer.text(path + (member.map { [$0] } ?? []))
        violations.append(Violation(field: field, rule: rule.rawValue, message: message()))
    }

    /// Reads something below a member of the object being read.
    mutating func within<Result>(_ member: String, _ read: (inout Self) -> Result) -> Result {
        path.append(member)
        defer { path.removeLast() }
        return read(&self)
    }
}

/// JSON Pointers (RFC 6901).
private enum JSONPointer {
    /// The pointer that goes through those names and indices.
    static func text(_ steps: [String]) -> String {
        steps.reduce(into: "") { pointer, step in
            pointer += "/"
            for scalar in step.unicodeScalars {
                switch scalar {
                case "~": pointer += "~0"
                case "/": pointer += "~1"
                default: pointer.unicodeScalars.append(scalar)
                }
            }
        }
    }
}

/// The members that an object may have.
struct ObjectSchema {
    /// The names, in the order in which they are documented.
    let names: [String]
    /// The right places of members that people expect here, by name.
    let elsewhere: [String: String]

    init(_ names: String..., elsewhere: [String: String] = [:]) {
        self.names = names
        self.elsewhere = elsewhere
    }
}

/// The members of one object of a request.
struct RequestMembers {
    let members: [JSONMember]

    /// The value of a member; nil where there is none and where it is null, as serializers write what has no value.
    subscript(name: String) -> JSONValue? {
        guard let place = place(of: name), !members[place].value.isNull else { return nil }
        return members[place].value
    }

    /// The value of a member as it stands there.
    func written(_ name: String) -> JSONValue? { place(of: name).map { members[$0].value } }

    private func place(of name: String) -> Int? { members.indices.first { members[$0].isNamed(name) } }
}

extension RequestReading {
    /// The members of the object being read; reports those that the schema does not name.
    mutating func members(of value: JSONValue, _ schema: ObjectSchema) -> RequestMembers? {
        guard case .object(let members) = value.content else {
            reportType(of: value, expected: "an object")
            return nil
        }
        if options.unknownFields == .refuse {
            for member in members where !member.isNamed(oneOf: schema.names) { reportUnknown(member, schema) }
        }
        return RequestMembers(members: members)
    }

    /// Reports a member that belongs to another kind.
    mutating func refuse(_ name: String, in members: RequestMembers, _ reason: String) {
        if members[name] != nil { report(.memberNotAllowed, at: name, reason) }
    }

    /// The text of a member. Reports it where it is no string, or is missing though required.
    mutating func string(_ name: String, in members: RequestMembers, isRequired: Bool = false) -> String? {
        guard let value = members[name] else {
            if isRequired { reportMissing(name, "a string", in: members) }
            return nil
        }
        if case .string(let text) = value.content { return text }
        reportType(of: value, at: name, expected: "a string")
        return nil
    }

    /// The elements of a member that has to be an array.
    mutating func array(_ name: String, in members: RequestMembers, isRequired: Bool = false) -> [JSONValue]? {
        guard let value = members[name] else {
            if isRequired { reportMissing(name, "an array", in: members) }
            return nil
        }
        if case .array(let elements) = value.content { return elements }
        reportType(of: value, at: name, expected: "an array")
        return nil
    }

    /// The boolean value of a member; nil where it is absent or no boolean.
    mutating func boolean(_ name: String, in members: RequestMembers) -> Bool? {
        guard let value = members[name] else { return nil }
        if let boolean = value.bool { return boolean }
        reportType(of: value, at: name, expected: "true or false")
        return nil
    }

    /// Reads every element of a member; nil where any of them cannot be used.
    mutating func readEach<Element>(
        _ elements: [JSONValue],
        of name: String,
        _ read: (inout Self, JSONValue) -> Element?
    ) -> [Element]? {
        within(name) { reading in
            var results: [Element] = []
            for (index, element) in elements.enumerated() {
                if let result = reading.within(String(index), { read(&$0, element) }) { results.append(result) }
            }
            return results.count == elements.count ? results : nil
        }
    }

    /// Reports that a required member is not there.
    mutating func reportMissing(_ name: String, _ expected: String, in members: RequestMembers) {
        if let null = members.written(name) { return reportType(of: null, at: name, expected: expected) }
        report(.memberMissing, at: name, "\(name) is required and missing; add it as \(expected)")
    }

    /// Reports a value of the wrong JSON type, with the offset of its first byte in the record.
    mutating func reportType(of value: JSONValue, at member: String? = nil, expected: String) {
        var message = "is \(value.typeName) where \(expected) is expected (byte \(value.range.lowerBound))"
        switch value.content {
        case .null: message += "; null is no value, and one is needed here"
        case .number where expected == "a string":
            message += "; put it in quotation marks, large ids lose digits as numbers"
        default: break
        }
        report(.memberType, at: member, message)
    }

    private mutating func reportUnknown(_ member: JSONMember, _ schema: ObjectSchema) {
        let shown = member.name.shortened(to: 64)
        // A pointer must be exact: a name too long to repeat is reported at its object.
        let place = shown == member.name ? member.name : nil
        report(.memberUnknown, at: place, Self.unknownMessage(member, shown, schema))
    }

    private static func unknownMessage(_ member: JSONMember, _ shown: String, _ schema: ObjectSchema) -> String {
        var message = "unknown member \"\(shown)\" (byte \(member.nameRange.lowerBound))"
        if let place = schema.elsewhere[member.name] {
            message += "; \(place)"
        } else if let meant = Spelling.nearest(to: member.name, among: schema.names) {
            message += "; did you mean \"\(meant)\"?"
        } else {
            message += "; known here: \(schema.names.joined(separator: ", "))"
        }
        return message
    }
}

/// Guesses which name was meant.
private enum Spelling {
    /// The known name that differs least, where it differs by no more than two letters or only in case, `_` and `-`.
    static func nearest(to name: String, among known: [String]) -> String? {
        guard (3...40).contains(name.utf8.count) else { return nil }
        if let sameLetters = known.first(where: { letters(of: $0) == letters(of: name) }) { return sameLetters }
        let candidates = known.map { (name: $0, distance: distance(Array(name.utf8), Array($0.utf8))) }
        guard let best = candidates.min(by: { $0.distance < $1.distance }), best.distance <= 2,
            best.distance < best.name.utf8.count - 1
        else { return nil }
        return best.name
    }

    private static func letters(of name: String) -> [UInt8] {
        name.utf8.filter(\.isLetterOrDigit).map { $0 | 0x20 }
    }

    /// The number of letters that have to be inserted, deleted or replaced.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var previous = Array(0...right.count)
        for (row, leftByte) in left.enumerated() {
            var current = [row + 1]
            for (column, rightByte) in right.enumerated() {
                let replaced = previous[column] + (leftByte == rightByte ? 0 : 1)
                current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}
