/// The members that an object may have.
struct ObjectSchema {
    /// The names, in the order in which they are documented.
    let names: [String]
    /// Where members stand that people expect here, by name.
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
    subscript(name: String) -> JSONValue? { written(name).flatMap { $0.content == .null ? nil : $0 } }

    /// The value of a member as it stands there.
    func written(_ name: String) -> JSONValue? {
        for member in members where member.name == name { return member.value }
        return nil
    }
}

extension RequestReading {
    /// The members of the object being read; reports those that the schema does not name.
    mutating func members(of value: JSONValue, _ schema: ObjectSchema) -> RequestMembers? {
        guard case .object(let members) = value.content else {
            reportType(of: value, expected: "an object")
            return nil
        }
        if options.unknownFields == .refuse {
            for member in members where !schema.names.contains(member.name) { reportUnknown(member, schema) }
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

    /// Whether a member is `true`; nil where it is absent or no boolean.
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
