/// The values of a command's parameters, as they were given.
package struct ParsedValues: Sendable {
    private var given: [String: [any Sendable]] = [:]
    private var declared: Set<String> = []

    mutating func declare(_ definitions: [ParameterDefinition]) { declared.formUnion(definitions.map(\.key)) }

    mutating func add(_ value: any Sendable, of definition: ParameterDefinition) {
        given[definition.key, default: []].append(value)
    }

    func has(_ definition: ParameterDefinition) -> Bool { given[definition.key] != nil }

    package subscript<Value>(_ option: Option<Value>) -> Value { value(of: option.parameter) }

    package subscript<Value>(_ argument: Argument<Value>) -> Value { value(of: argument.parameter) }

    package subscript(_ flag: Flag) -> Bool {
        check(flag.definition)
        return has(flag.definition)
    }

    private func value<Value>(of parameter: TypedParameter<Value>) -> Value {
        check(parameter.definition)
        guard let value = parameter.collect(given[parameter.definition.key] ?? []) else {
            preconditionFailure("\(parameter.definition.key) has a value of another type; it is declared twice")
        }
        return value
    }

    private func check(_ definition: ParameterDefinition) {
        precondition(declared.contains(definition.key), "the command does not declare \(definition.key)")
    }
}
