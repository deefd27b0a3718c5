/// A command's line of usage, in as many columns as it takes.
struct UsageLine {
    /// More parameters than this are not listed.
    static let mostParameters = 12

    let path: [CommandDeclaration]

    var text: String {
        let command = path.map(\.name).joined(separator: " ")
        let parameters = path.last.map { $0.parameters.filter { !$0.help.isHidden } } ?? []
        let subcommands = path.last.map { $0.subcommands.isEmpty ? [] : ["<subcommand>"] } ?? []
        return ([command] + list(of: parameters) + subcommands).joined(separator: " ")
    }

    private func list(of parameters: [ParameterDefinition]) -> [String] {
        guard parameters.count > Self.mostParameters else { return parameters.map(\.synopsis) }
        let needed = parameters.filter { $0.isArgument || !$0.isOptional }
        guard !needed.isEmpty, needed.count <= Self.mostParameters else { return ["<options>"] }
        return ["[<options>]"] + needed.map(\.synopsis)
    }
}

extension ParameterDefinition {
    /// As in `[--set <key=value> ...]`.
    fileprivate var synopsis: String {
        let repeated = isRepeating ? label + " ..." : label
        return isOptional ? "[\(repeated)]" : repeated
    }
}
