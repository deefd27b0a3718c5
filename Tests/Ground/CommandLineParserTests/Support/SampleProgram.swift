import CommandLineParser

/// A program with everything that a declaration can hold.
enum SampleProgram {
    static let declaration = CommandDeclaration(
        "courier",
        summary: "Carries parcels between the warehouses of a city and tells where each of them is at the moment.",
        discussion: """
            Parcels are picked up once an hour.

            Begin with:   courier boxes list
            """,
        version: "1.2.3",
        subcommands: [
            CarryCommand.declaration,
            CommandDeclaration(
                "boxes",
                summary: "Look at boxes.",
                subcommands: [BoxesListCommand.declaration, BoxesSendCommand.declaration]
            ), SecretCommand.declaration,
        ]
    )

    static let program = CommandLineProgram(declaration)
}

/// The options that several commands have.
struct SampleOptions: Equatable, Sendable {
    static let config = Option<String?>(
        "--config",
        help: "A file.",
        completion: .files(extensions: ["yaml", "yml"])
    )
    static let set = Option<[String]>(
        "--set",
        help: ParameterHelp(
            "Sets one key, as in --set a=b. May be repeated.",
            discussion: "`courier keys` lists every key with its meaning, its default and where it comes from.",
            valueName: "key=value"
        )
    )
    static let group = ParameterGroup([config, set])

    var config: String?
    var set: [String]

    init(_ values: ParsedValues) {
        config = values[Self.config]
        set = values[Self.set]
    }
}

/// A word with a few values.
enum SamplePace: String, CaseIterable, ArgumentValue {
    case slow, fast
}

/// A leaf with options of all kinds, and arguments.
struct CarryCommand: Command, Equatable {
    static let offset = Option("--offset", "-o", default: 0, help: "Where to begin.")
    static let key = Option<String?>("--key", help: "The key of the parcel.")
    static let pace = Option("--pace", default: SamplePace.slow, help: "How fast.")
    static let stops = Option<[Int]>("--stop", help: "A stop on the way.") { text in
        guard let number = Int(text), number > 0 else {
            throw UsageError("\"\(text)\" is no stop; write one from 1 on")
        }
        return number
    }
    static let quiet = Flag("--quiet", "-q", help: "Say nothing.")
    static let urgent = Flag("--urgent", "-u", help: "At once.")
    static let inner = Option<String?>("--inner", help: ParameterHelp("Nobody's business.", isHidden: true))
    static let to = Argument<String>("to", help: "Where to.")
    static let parcels = Argument<[String]>("parcels", help: "What.", completion: .files(extensions: ["box"]))

    static let declaration = CommandDeclaration(
        "carry",
        summary: "Carry parcels.",
        parameters: [
            SampleOptions.group, ParameterGroup([stops, pace]).titled("Way"), offset, key, quiet, urgent, inner, to,
            parcels,
        ],
        command: CarryCommand.init
    )

    let options: SampleOptions
    let offset: Int
    let key: String?
    let pace: SamplePace
    let stops: [Int]
    let isQuiet: Bool
    let isUrgent: Bool
    let inner: String?
    let to: String
    let parcels: [String]

    init(_ values: ParsedValues) throws {
        options = SampleOptions(values)
        offset = values[Self.offset]
        key = values[Self.key]
        pace = values[Self.pace]
        stops = values[Self.stops]
        isQuiet = values[Self.quiet]
        isUrgent = values[Self.urgent]
        inner = values[Self.inner]
        to = values[Self.to]
        parcels = values[Self.parcels]
        if isQuiet, isUrgent { throw UsageError("--quiet and --urgent exclude each other; give one of them") }
    }

    func run() {}
}

struct BoxesListCommand: Command, Equatable {
    static let format = Option<String?>(
        "--format",
        help: "How.",
        completion: .list(["topic:0", "first=Comp1", "it's"])
    )
    static let state = Flag("--state", help: "With their state.")
    static let number = Argument<Int?>("number", help: "Which.")
    static let declaration = CommandDeclaration(
        "list",
        summary: "List boxes.",
        parameters: [SampleOptions.group, format, state, number],
        command: BoxesListCommand.init
    )

    let options: SampleOptions
    let format: String?
    let showsState: Bool
    let number: Int?

    init(_ values: ParsedValues) {
        options = SampleOptions(values)
        format = values[Self.format]
        showsState = values[Self.state]
        number = values[Self.number]
    }

    func run() {}
}

struct BoxesSendCommand: Command, Equatable {
    static let state = Option<String>("--state", help: "A file's name with ' and [ and : and $HOME and (cmd).")
    static let kind = Argument<String?>("kind", help: "Of what kind.", completion: .list(["$HOME", "(cmd)", "a b"]))
    static let declaration = CommandDeclaration(
        "send",
        summary: "Send it's [boxes]: $HOME (cmd).",
        parameters: [state, kind],
        command: BoxesSendCommand.init
    )

    let state: String
    let kind: String?

    init(_ values: ParsedValues) {
        state = values[Self.state]
        kind = values[Self.kind]
    }

    func run() {}
}

struct SecretCommand: Command, Equatable {
    static let declaration = CommandDeclaration("secret", summary: "Not shown.", isHidden: true) { _ in SecretCommand()
    }

    func run() {}
}

extension CommandLineProgram {
    /// The command that words ask for; nil where they ask for none.
    func command(_ words: String...) -> (any Command)? {
        guard case .run(let command) = parse(words) else { return nil }
        return command
    }

    func carry(_ words: String...) -> CarryCommand? {
        guard case .run(let command) = parse(["carry"] + words) else { return nil }
        return command as? CarryCommand
    }

    /// What is shown on standard output.
    func shown(_ words: String..., columns: Int = 80) -> String? {
        guard case .show(let text) = parse(words, columns: columns) else { return nil }
        return text
    }

    /// The first line of what is said of bad usage.
    func complaint(_ words: String...) -> String? {
        guard case .refuse(let text) = parse(words) else { return nil }
        return text.split(separator: "\n").first.map(String.init)
    }
}
