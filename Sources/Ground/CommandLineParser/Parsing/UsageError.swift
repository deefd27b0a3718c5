/// A command line that cannot be carried out: what is wrong with it and what would be right.
package struct UsageError: Error, Sendable, CustomStringConvertible {
    /// A sentence without a full stop. Control characters in it, which come from the words, are made visible.
    package let message: String
    /// The parameter that it is about, as the help has it.
    var help: String?

    package init(_ message: String) { self.message = Self.visible(message) }

    init(_ message: String, about definition: ParameterDefinition) {
        self.init(message)
        help = "\(definition.label)  \(definition.help.summary)"
    }

    package var description: String { message }
}

extension UsageError {
    static func unknown(_ spelling: String, near names: [String]) -> UsageError {
        UsageError("Unknown option '\(spelling)'\(Suggestion.hint(for: spelling, among: names))")
    }

    static func unexpected(_ words: [String], in command: CommandDeclaration? = nil) -> UsageError {
        guard words.count > 1 else {
            let word = words.first ?? ""
            return UsageError("Unexpected argument '\(word)'\(command?.hint(for: word) ?? "")")
        }
        let list = words.map { "'\($0)'" }.joined(separator: ", ")
        return UsageError("\(words.count) unexpected arguments: \(list)")
    }

    static func missingValue(of definition: ParameterDefinition, written name: ParameterName) -> UsageError {
        UsageError("Missing value for '\(name.spelling) <\(definition.valueName)>'", about: definition)
    }

    static func missing(_ definition: ParameterDefinition) -> UsageError {
        UsageError("Missing expected argument '\(definition.label)'", about: definition)
    }

    static func noValueExpected(by name: ParameterName, given value: String) -> UsageError {
        UsageError("The option '\(name.spelling)' does not take any value, but '\(value)' was specified.")
    }

    /// A value that its parameter cannot take, with the reason where there is one.
    static func invalid(_ text: String, for definition: ParameterDefinition, because error: any Error) -> UsageError {
        let reason: String
        switch error {
        case let error as NotAValue:
            let list = error.texts.map { "'\($0)'" }.joined(separator: ", ")
            reason = list.isEmpty ? "" : ": write one of \(list)"
        case let error as UsageError: reason = ": \(error.message)"
        default: reason = ": \(error)"
        }
        return UsageError(
            "The value '\(text)' is invalid for '\(definition.label)'\(reason)",
            about: definition
        )
    }

    /// A text with its control characters made visible, so that a word cannot write on somebody's screen.
    static func visible(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { visible, scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: visible += "\\u{\(String(scalar.value, radix: 16))}"
            default: visible.unicodeScalars.append(scalar)
            }
        }
    }
}
