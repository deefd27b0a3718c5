/// Something that stands in a list of parameters: an option, a flag, an argument, or a group of these.
package protocol DeclaredParameters: Sendable {
    var definitions: [ParameterDefinition] { get }
}

/// The name of an option: `--port` or `-p`.
struct ParameterName: Hashable, Sendable {
    /// With its dashes, as it is written.
    let spelling: String

    init(_ spelling: String) {
        precondition(
            spelling.hasPrefix("-") && spelling.drop(while: { $0 == "-" }).first != nil && !spelling.contains("="),
            "\"\(spelling)\" is no name of an option; write one like --port or -p"
        )
        self.spelling = spelling
    }

    /// As somebody wrote it, whether there is such a name or not.
    init(spelled name: Substring) { spelling = String(name) }

    init(short letter: Unicode.Scalar) { spelling = "-" + String(letter) }

    var isLong: Bool { spelling.hasPrefix("--") }

    /// Without its dashes.
    var bare: Substring { spelling.drop { $0 == "-" } }
}

/// The suggestions that a shell offers for a value.
package enum CompletionKind: Sendable, Hashable {
    case none
    /// Files with one of these extensions, and folders; all files where there are no extensions.
    case files(extensions: [String] = [])
    /// Some of these words.
    case list([String])
}

/// A parameter as the parser, the help and the completion scripts see it, without its type.
package struct ParameterDefinition: Sendable {
    enum Kind: Sendable {
        /// Is there or not.
        case flag
        /// Has a value.
        case option
        /// Stands for itself.
        case argument
    }

    let kind: Kind
    /// Of an argument: none.
    let names: [ParameterName]
    /// Without the angle brackets.
    let valueName: String
    let help: ParameterHelp
    let isRepeating: Bool
    let isOptional: Bool
    /// The default as it is written on a command line; empty where there is none to show.
    var defaultText = ""
    /// All values that there are, where they can be counted.
    var valueTexts: [String] = []
    var completion = CompletionKind.none
    /// The title of the section of the help; nil for the usual one.
    var title: String?
    /// Makes a value of a text.
    let convert: @Sendable (String) throws -> any Sendable

    /// The key under which the values are kept.
    var key: String { preferredName?.spelling ?? label }

    var preferredName: ParameterName? { names.first(where: \.isLong) ?? names.first }

    var isArgument: Bool { kind == .argument }

    /// As in `--port <port>`, with the shortest name that a person may be asked for.
    var label: String {
        switch kind {
        case .argument: "<\(valueName)>"
        case .option: "\(preferredName?.spelling ?? "") <\(valueName)>"
        case .flag: preferredName?.spelling ?? ""
        }
    }
}

/// The text that the help has on a parameter.
package struct ParameterHelp: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    let summary: String
    /// More, on lines of its own.
    let discussion: String
    let valueName: String?
    let isHidden: Bool

    /// - Parameters:
    ///   - summary: A sentence or two.
    ///   - discussion: More, on lines of its own.
    ///   - valueName: What stands in the angle brackets; the parameter's own name where it is nil.
    ///   - isHidden: Leaves the parameter out of help, usage, hints and completion.
    package init(_ summary: String, discussion: String = "", valueName: String? = nil, isHidden: Bool = false) {
        self.summary = summary
        self.discussion = discussion
        self.valueName = valueName
        self.isHidden = isHidden
    }

    package init(stringLiteral summary: String) { self.init(summary) }
}

/// Parameters that several commands have, or that stand under a title of their own in the help.
package struct ParameterGroup: DeclaredParameters {
    package let definitions: [ParameterDefinition]

    package init(_ parameters: [any DeclaredParameters]) { definitions = parameters.flatMap(\.definitions) }

    private init(definitions: [ParameterDefinition]) { self.definitions = definitions }

    /// The same group under a title.
    package func titled(_ title: String) -> ParameterGroup {
        ParameterGroup(
            definitions: definitions.map { definition in
                var titled = definition
                titled.title = title
                return titled
            }
        )
    }
}
