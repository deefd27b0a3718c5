import CommandLineParser

/// What holds for every command line of the sample program, whatever its words are.
enum ParsingInvariants {
    /// What these words break; nil where nothing is broken.
    static func violation(of words: [String]) -> String? {
        let program = SampleProgram.program
        switch program.parse(words) {
        case .run(let command): return violation(of: command, from: words)
        case .show(let text): return text.isEmpty ? "nothing is shown" : nil
        case .refuse(let text): return violation(ofRefusal: text, of: words)
        }
    }

    /// A command is the same when it is written anew, in any of the ways to write it.
    private static func violation(of command: any Command, from words: [String]) -> String? {
        let program = SampleProgram.program
        var ways = [program.parse(words)]
        if !words.contains("--") { ways.append(program.parse(words + ["--"])) }
        for isJoined in [true, false] {
            for isEarly in [true, false] {
                ways.append(program.parse(written(command, isJoined: isJoined, isEarly: isEarly)))
            }
        }
        for way in ways {
            guard case .run(let again) = way else { return "it is refused when it is written anew" }
            guard "\(again)" == "\(command)" else { return "it is \(again) when it is written anew, not \(command)" }
        }
        return nil
    }

    private static func violation(ofRefusal text: String, of words: [String]) -> String? {
        guard text.hasPrefix("Error: "), text.contains("\nUsage: courier"), text.hasSuffix("for more information.")
        else {
            return "a refusal of another form: \(text)"
        }
        let isVisible = text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control }
        guard isVisible else { return "a refusal with control characters" }
        let parts = text.split(separator: "\n")[0].split(separator: "'", omittingEmptySubsequences: false)
        if parts.count == 5, parts[2].contains("Did you mean"), parts[1] == parts[3] {
            return "a hint at the word itself"
        }
        let said = SampleProgram.program.refusal(UsageError("no"), of: words)
        return said.hasPrefix("Error: no\nUsage: courier") ? nil : "what a command refuses is said in another form"
    }

    /// A command line for a command. Options stand before its name or behind it, their values behind `=` or in a word of
    /// their own; arguments stand behind `--`.
    private static func written(_ command: any Command, isJoined: Bool, isEarly: Bool) -> [String] {
        var options: [String] = []
        func add(_ name: String, _ value: String?) {
            if let value { options += isJoined ? ["\(name)=\(value)"] : [name, value] }
        }
        func add(_ values: SampleOptions) {
            add("--config", values.config)
            for value in values.set { add("--set", value) }
        }
        var names: [String] = []
        var arguments: [String] = []
        switch command {
        case let command as CarryCommand:
            names = ["carry"]
            add(command.options)
            add("--offset", String(command.offset))
            add("--key", command.key)
            add("--pace", command.pace.rawValue)
            for stop in command.stops { add("--stop", String(stop)) }
            add("--inner", command.inner)
            if command.isQuiet { options.append("-q") }
            if command.isUrgent { options.append("--urgent") }
            arguments = [command.to] + command.parcels
        case let command as BoxesListCommand:
            names = ["boxes", "list"]
            add(command.options)
            add("--format", command.format)
            arguments = command.number.map { [String($0)] } ?? []
            // Another command has an option of this name with a value, so it has to stand behind.
            if command.showsState { arguments = ["--state", "--"] + arguments } else { arguments = ["--"] + arguments }
            return isEarly ? options + names + arguments : names + options + arguments
        case let command as BoxesSendCommand:
            names = ["boxes", "send"]
            add("--state", command.state)
            return names + options + ["--"] + (command.kind.map { [$0] } ?? [])
        default: return ["secret"]
        }
        return (isEarly ? options + names : names + options) + ["--"] + arguments
    }
}
