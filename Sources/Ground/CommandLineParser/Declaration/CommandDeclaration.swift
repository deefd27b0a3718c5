/// The task that a command line asks for, read and checked, ready to run.
package protocol Command: Sendable {
    /// Does what the command is for.
    ///
    /// - Throws: `ExitStatus` for an end that needs no more words, `UsageError` for bad usage that shows only now.
    func run() async throws
}

/// A command as it is declared: its name, its help, its parameters, and what is made of them; or the commands below it.
///
/// A declaration is the command's help, its usage line and its part of the completion scripts. Options of a command with
/// subcommands are known to these too, on either side of their names.
package struct CommandDeclaration: Sendable {
    /// The word that selects the command; the root's is the program's name.
    package let name: String
    /// One sentence, shown in the list of the command above too.
    package let summary: String
    /// The rest of its help, in paragraphs.
    package let discussion: String
    /// The text that `--version` prints here and in the commands below.
    package let version: String?
    /// Left out of help, hints and completion.
    package let isHidden: Bool
    package let subcommands: [CommandDeclaration]
    /// The name of the subcommand that is meant where none is named.
    package let defaultSubcommand: String?
    let parameters: [ParameterDefinition]
    let makeCommand: (@Sendable (ParsedValues) throws -> any Command)?

    /// Declares a command that runs.
    ///
    /// - Parameters:
    ///   - parameters: Options, flags and arguments, in the order of the usage line and of the help.
    ///   - command: Makes the command of the values that were given. It checks what concerns several of them, and throws
    ///     `UsageError`.
    package init(
        _ name: String,
        summary: String,
        discussion: String = "",
        version: String? = nil,
        isHidden: Bool = false,
        parameters: [any DeclaredParameters] = [],
        command: @escaping @Sendable (ParsedValues) throws -> any Command
    ) {
        self.name = name
        self.summary = summary
        self.discussion = discussion
        self.version = version
        self.isHidden = isHidden
        self.parameters = parameters.flatMap(\.definitions)
        makeCommand = command
        subcommands = []
        defaultSubcommand = nil
    }

    /// Declares a command that consists of others. By itself it shows its help, unless one of them is meant by default.
    package init(
        _ name: String,
        summary: String,
        discussion: String = "",
        version: String? = nil,
        isHidden: Bool = false,
        parameters: [any DeclaredParameters] = [],
        subcommands: [CommandDeclaration],
        defaultSubcommand: String? = nil
    ) {
        self.name = name
        self.summary = summary
        self.discussion = discussion
        self.version = version
        self.isHidden = isHidden
        self.parameters = parameters.flatMap(\.definitions)
        self.subcommands = subcommands
        self.defaultSubcommand = defaultSubcommand
        makeCommand = nil
    }

    func subcommand(named name: String) -> CommandDeclaration? {
        subcommands.first { $0.name == name }
    }

    /// The names that hints may give.
    var subcommandNames: [String] { subcommands.filter { !$0.isHidden }.map(\.name) }

    /// A hint for a word that names no subcommand: the nearest name, or the whole name of a command further below.
    func hint(for word: String) -> String {
        let near = Suggestion.hint(for: word, among: subcommandNames)
        guard near.isEmpty else { return near }
        let further = subcommands.filter { !$0.isHidden }.first { $0.subcommandNames.contains(word) }
        return further.map { Suggestion.hint("\($0.name) \(word)") } ?? ""
    }

    /// The parameters of all commands below.
    var parametersBelow: [ParameterDefinition] {
        subcommands.flatMap { $0.parameters + $0.parametersBelow }
    }

    /// Returns the parameters that have this name.
    func parametersBelow(named name: ParameterName) -> [ParameterDefinition] {
        parametersBelow.filter { $0.names.contains(name) }
    }
}

extension CommandDeclaration {
    /// The faults of the declaration and those below it; a test asks. Empty where all is well.
    package var problems: [String] { problems(inherited: []) }

    private func problems(inherited: [ParameterDefinition]) -> [String] {
        var found: [String] = []
        let all = inherited + parameters
        let names = all.flatMap(\.names).map(\.spelling) + all.filter(\.isArgument).map(\.label)
        for name in Set(names) where names.count(where: { $0 == name }) > 1 {
            found.append("\(self.name) declares \(name) twice")
        }
        for name in ["-h", "--help", "--version", "--generate-completion-script"] where names.contains(name) {
            found.append("\(self.name) declares \(name), which every command has")
        }
        let arguments = parameters.filter(\.isArgument)
        if !subcommands.isEmpty, !arguments.isEmpty { found.append("\(name) has both subcommands and arguments") }
        if arguments.dropLast().contains(where: \.isRepeating) {
            found.append("\(name) has arguments behind a repeated one")
        }
        if zip(arguments, arguments.dropFirst()).contains(where: { $0.isOptional && !$1.isOptional }) {
            found.append("\(name) has a required argument behind an optional one")
        }
        let commands = subcommands.map(\.name)
        if Set(commands).count < commands.count { found.append("\(name) declares a subcommand twice") }
        if let defaultSubcommand, !commands.contains(defaultSubcommand) {
            found.append("\(name) has no subcommand \(defaultSubcommand)")
        }
        return found + subcommands.flatMap { $0.problems(inherited: all) }
    }
}
