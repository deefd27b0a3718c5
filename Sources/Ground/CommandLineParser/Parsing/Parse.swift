/// One command line on its way through the commands, word by word.
struct Parse {
    /// The action that the words ask for.
    enum Result {
        case command(any Command)
        case help
        case version
        /// For the shell of this name; nil where none is named.
        case completionScript(String?)
    }

    /// The commands that were named so far, the root first.
    private(set) var path: [CommandDeclaration]
    private let words: [String]
    private var next = 0
    private var optionsHaveEnded = false
    private var values = ParsedValues()
    private var arguments: [String] = []
    /// Options that stand before the name of the command they belong to.
    private var early: [(name: ParameterName, value: String?)] = []
    /// Help, version or script that was asked for; help goes first.
    private var request: Result?

    init(root: CommandDeclaration, words: [String]) {
        path = [root]
        self.words = words
        values.declare(root.parameters)
    }

    private var current: CommandDeclaration { path[path.count - 1] }

    private var knownParameters: [ParameterDefinition] { path.flatMap(\.parameters) }

    /// The version of the named command, or of the nearest above it that has one.
    var version: String? { path.reversed().lazy.compactMap(\.version).first }

    /// Reads all words.
    mutating func result() throws(UsageError) -> Result {
        do {
            while let word = takeWord() { try read(word) }
            return try finish()
        } catch {
            // Who asks for help is not told first what else is wrong.
            lookForRequests()
            if let request { return request }
            throw error
        }
    }

    private mutating func takeWord() -> String? {
        guard next < words.count else { return nil }
        next += 1
        return words[next - 1]
    }

    private mutating func read(_ word: String) throws(UsageError) {
        // By bytes: a mark behind a dash or an equals sign would make another character of it.
        if optionsHaveEnded || !word.utf8.starts(with: "-".utf8) || word == "-" {
            try readPlain(word)
        } else if word == "--" {
            optionsHaveEnded = true
        } else if word.utf8.starts(with: "--".utf8) {
            try readLong(word)
        } else {
            try readShort(word)
        }
    }

    /// Puts down what is asked for in the words that are left, after an error.
    private mutating func lookForRequests() {
        while !optionsHaveEnded, let word = takeWord(), word != "--" {
            _ = note(builtIn: word)
        }
    }

    /// Makes a completion script; known everywhere and shown nowhere.
    static let scriptOption = "--generate-completion-script"

    /// Whether a word is one of the flags that every command has.
    private mutating func note(builtIn word: String) -> Bool {
        switch word {
        case "-h", "--help": request = .help
        case "--version" where version != nil:
            if request == nil { request = .version }
        default: return false
        }
        return true
    }
}

// MARK: - Commands and arguments

extension Parse {
    private mutating func readPlain(_ word: String) throws(UsageError) {
        guard !current.subcommands.isEmpty else {
            arguments.append(word)
            return
        }
        if let command = current.subcommand(named: word) { return try descend(to: command) }
        if word == "help", path.count == 1 { return readHelp() }
        guard let name = current.defaultSubcommand, let command = current.subcommand(named: name) else {
            throw .unexpected([word], in: current)
        }
        try descend(to: command)
        try readPlain(word)
    }

    private mutating func descend(to command: CommandDeclaration) throws(UsageError) {
        path.append(command)
        values.declare(command.parameters)
        let waiting = early
        early = []
        for (name, value) in waiting {
            if let definition = definition(of: name) {
                try add(value, to: definition, written: name)
            } else {
                early.append((name, value))
            }
        }
    }

    /// The words behind `help` name a command, as far as there is one.
    private mutating func readHelp() {
        request = .help
        while let word = takeWord() {
            if word == "--version", version != nil { request = .version }
            guard !word.hasPrefix("-") else { continue }
            guard let command = current.subcommand(named: word) else { break }
            path.append(command)
        }
        next = words.count
    }

    private mutating func finish() throws(UsageError) -> Result {
        if let request { return request }
        while let name = current.defaultSubcommand, let command = current.subcommand(named: name) {
            try descend(to: command)
        }
        if let (name, _) = early.first {
            guard !current.subcommands.isEmpty else { throw unknown(name) }
            throw UsageError("The option '\(name.spelling)' is one of a subcommand; name that too")
        }
        guard let makeCommand = current.makeCommand else { return .help }
        try placeArguments()
        if let missing = knownParameters.first(where: { !$0.isOptional && !values.has($0) }) { throw .missing(missing) }
        do {
            return .command(try makeCommand(values))
        } catch {
            throw error as? UsageError ?? UsageError("\(error)")
        }
    }

    private mutating func placeArguments() throws(UsageError) {
        var left = arguments[...]
        for definition in current.parameters where definition.isArgument {
            let count = definition.isRepeating ? left.count : min(left.count, 1)
            for word in left.prefix(count) { try convert(word, for: definition) }
            left = left.dropFirst(count)
        }
        guard !left.isEmpty else { return }
        // Where no name was given, the first word may have been meant as one.
        let isDefault = path.count > 1 && path[path.count - 2].defaultSubcommand == current.name
        throw .unexpected(Array(left), in: isDefault ? path[path.count - 2] : nil)
    }
}

// MARK: - Options

extension Parse {
    private func definition(of name: ParameterName) -> ParameterDefinition? {
        knownParameters.first { $0.names.contains(name) }
    }

    private mutating func readLong(_ word: String) throws(UsageError) {
        if note(builtIn: word) { return }
        let equals = word.utf8.firstIndex(of: UInt8(ascii: "="))
        let name = ParameterName(spelled: word[..<(equals ?? word.endIndex)])
        let value = equals.map { String(word[word.utf8.index(after: $0)...]) }
        if let value, ["--help", "--version"].contains(name.spelling) {
            throw .noValueExpected(by: name, given: value)
        }
        if name.spelling == Self.scriptOption {
            request = request ?? .completionScript(value ?? takeWord())
            return
        }
        try readOption(name, value: value)
    }

    /// Letters behind one dash: flags, of which the last may be an option with its value behind it.
    private mutating func readShort(_ word: String) throws(UsageError) {
        if note(builtIn: word) { return }
        var letters = word.unicodeScalars.dropFirst()
        while let letter = letters.popFirst() {
            let name = ParameterName(short: letter)
            if name.spelling == "-h" {
                request = .help
                continue
            }
            guard takesValue(name) == true else {
                if takesValue(name) == nil { throw unknown(name, in: word) }
                if letters.first == "=" {
                    throw .noValueExpected(by: name, given: String(letters.dropFirst()))
                }
                try readOption(name, value: nil)
                continue
            }
            let joined = letters.first == "=" ? letters.dropFirst() : letters
            return try readOption(name, value: letters.isEmpty ? nil : String(joined))
        }
    }

    private mutating func readOption(_ name: ParameterName, value: String?) throws(UsageError) {
        let known = definition(of: name)
        guard let takesValue = takesValue(name) else { throw unknown(name) }
        if !takesValue, let value { throw .noValueExpected(by: name, given: value) }
        var value = value
        if takesValue, value == nil {
            value = takeWord()
            if value == nil, let definition = known ?? current.parametersBelow(named: name).first {
                throw .missingValue(of: definition, written: name)
            }
        }
        if let known {
            try add(value, to: known, written: name)
        } else {
            early.append((name, value))
        }
    }

    /// Whether the option of this name takes a value, here or in the commands below; nil where there is none, or where the
    /// commands below are not of one mind: then it has to stand behind the name of its command.
    private func takesValue(_ name: ParameterName) -> Bool? {
        let candidates = definition(of: name).map { [$0] } ?? current.parametersBelow(named: name)
        let kinds = Set(candidates.map { $0.kind == .option })
        return kinds.count == 1 ? kinds.first : nil
    }

    private mutating func add(
        _ value: String?,
        to definition: ParameterDefinition,
        written name: ParameterName
    ) throws(UsageError) {
        switch (definition.kind, value) {
        case (.flag, nil): values.add("", of: definition)
        case (.flag, let value?): throw .noValueExpected(by: name, given: value)
        case (_, let value?): try convert(value, for: definition)
        case (_, nil): throw .missingValue(of: definition, written: name)
        }
    }

    private mutating func convert(_ text: String, for definition: ParameterDefinition) throws(UsageError) {
        let value: any Sendable
        do {
            value = try definition.convert(text)
        } catch {
            throw .invalid(text, for: definition, because: error)
        }
        values.add(value, of: definition)
    }

    private func unknown(_ name: ParameterName, in word: String? = nil) -> UsageError {
        if !current.parametersBelow(named: name).isEmpty {
            return UsageError("The option '\(name.spelling)' has to stand behind the name of its command")
        }
        let visible = (knownParameters + current.parametersBelow).filter { !$0.help.isHidden }
        let names = visible.flatMap(\.names).filter(\.isLong).map(\.spelling)
        let builtIn = ["--help"] + (version == nil ? [] : ["--version"])
        let spelling = word.map { $0.count > 2 ? $0 : name.spelling } ?? name.spelling
        return .unknown(spelling, near: names + builtIn)
    }
}
