/// A shell that completes command lines.
enum Shell: String, CaseIterable, Sendable {
    case bash, zsh, fish

    /// - Throws: `UsageError` where there is no such shell, or none was named.
    init(named name: String?) throws(UsageError) {
        if let shell = name.flatMap(Shell.init(rawValue:)) {
            self = shell
            return
        }
        let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
        let problem = name.map { "There is no completion script for '\($0)'" } ?? "No shell is named"
        throw UsageError("\(problem); write \(Parse.scriptOption) with one of \(known)")
    }
}

/// A script that teaches a shell to complete a program's command lines.
struct CompletionScript: Sendable {
    let program: CommandDeclaration
    let shell: Shell

    init(program: CommandDeclaration, for shell: Shell) {
        self.program = program
        self.shell = shell
    }

    var text: String {
        switch shell {
        case .bash: bash
        case .zsh: zsh
        case .fish: fish
        }
    }

    /// One command as the scripts need it.
    struct Node {
        /// The words that select it, the program first.
        let path: [String]
        let command: CommandDeclaration
        /// The options that may be written here, those of the commands above and those that every command has included.
        let options: [ParameterDefinition]

        /// As one text, by which the scripts know it.
        var place: String { path.joined(separator: " ") }

        var arguments: [ParameterDefinition] { command.parameters.filter { $0.isArgument && !$0.help.isHidden } }

        var subcommands: [CommandDeclaration] { command.subcommands.filter { !$0.isHidden } }

        /// Whether `help` stands among the subcommands.
        var hasHelp: Bool { path.count == 1 && !subcommands.isEmpty }

        /// The words that may stand for a subcommand.
        var names: [String] { subcommands.map(\.name) + (hasHelp ? ["help"] : []) }

        /// Names of options with a value that are not offered here but may stand here: hidden ones, and those of commands
        /// below, where these are of one mind about it.
        var unoffered: [String] {
            let offered = Set(options.flatMap(\.names))
            let hidden = command.parameters.filter { $0.kind == .option && $0.help.isHidden }.flatMap(\.names)
            let below = Dictionary(
                grouping: command.parametersBelow.flatMap { definition in definition.names.map { ($0, definition.kind) }
                },
                by: \.0
            )
            let agreed = below.filter { name, found in !offered.contains(name) && found.allSatisfy { $0.1 == .option } }
            return Set(agreed.keys).union(hidden).map(\.spelling).sorted()
        }
    }

    /// All commands that are shown, each before those below it.
    var nodes: [Node] { nodes(of: program, below: [], inherited: []) }

    private func nodes(
        of command: CommandDeclaration,
        below path: [String],
        inherited: [ParameterDefinition]
    ) -> [Node] {
        let own = inherited + command.parameters.filter { !$0.isArgument && !$0.help.isHidden }
        let path = path + [command.name]
        let node = Node(path: path, command: command, options: own + Self.common(hasVersion: program.version != nil))
        return [node]
            + command.subcommands.filter { !$0.isHidden }.flatMap { nodes(of: $0, below: path, inherited: own) }
    }

    /// The flags that every command has.
    private static func common(hasVersion: Bool) -> [ParameterDefinition] {
        let version = Flag("--version", help: "Show the version.").definition
        let help = Flag("-h", "--help", help: "Show help information.").definition
        return hasVersion ? [version, help] : [help]
    }

    static let helpSummary = "Show the help of a command."

    /// The program's name as a part of a function's name.
    var functionName: String {
        String(program.name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }
}

extension String {
    /// This text as one word of bash or zsh that means nothing else.
    var quotedForShell: String { "'" + replacingAll("'", with: "'\\''") + "'" }

    /// This text as one word of fish that means nothing else.
    var quotedForFish: String { "'" + replacingAll("\\", with: "\\\\").replacingAll("'", with: "\\'") + "'" }

    /// A script with the names of its functions and of its program put in.
    func replacingName(with name: String, program: String) -> String {
        split(separator: "NAME", omittingEmptySubsequences: false).joined(separator: name)
            .split(separator: "'PROGRAM'", omittingEmptySubsequences: false).joined(separator: program)
    }

    /// Every such character, by its own value, replaced.
    func replacingAll(_ character: Character, with text: String) -> String {
        reduce(into: "") { result, next in
            if next == character { result += text } else { result.append(next) }
        }
    }
}
