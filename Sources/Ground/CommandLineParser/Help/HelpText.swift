/// A command's help.
struct HelpText {
    private static let labelIndent = 2
    /// The column at which the explanations begin.
    private static let labelColumns = 26
    private static let discussionIndent = 8

    /// The commands from the root to the one that is explained.
    let path: [CommandDeclaration]
    let columns: Int

    var text: String {
        guard let command = path.last else { return "" }
        let overview = [command.summary, command.discussion].filter { !$0.isEmpty }.joined(separator: "\n\n")
        var parts: [String] = []
        if !overview.isEmpty { parts.append("OVERVIEW: \(overview)".wrapped(to: columns) + "\n") }
        parts.append("USAGE: \(UsageLine(path: path).text)\n")
        parts += sections(of: command).filter { !$0.rows.isEmpty }.map { section in
            "\(section.title.uppercased()):\n" + section.rows.map(row).joined()
        }
        if let root = path.first, command.subcommands.contains(where: { !$0.isHidden }) {
            let names = ([root.name, "help"] + path.dropFirst().map(\.name)).joined(separator: " ")
            parts.append("  See '\(names) <subcommand>' for detailed help.")
        }
        return parts.joined(separator: "\n")
    }

    private struct Section {
        var title: String
        var rows: [Row]
    }

    private struct Row {
        var label: String
        var summary: String
        var discussion = ""
    }

    /// Arguments, titled groups, options, subcommands.
    private func sections(of command: CommandDeclaration) -> [Section] {
        let parameters = command.parameters.filter { !$0.help.isHidden }
        let titles = parameters.compactMap(\.title).reduce(into: [String]()) { seen, title in
            if !seen.contains(title) { seen.append(title) }
        }
        let untitled = parameters.filter { $0.title == nil }
        return [Section(title: "Arguments", rows: untitled.filter(\.isArgument).map(row))]
            + titles.map { title in Section(title: title, rows: parameters.filter { $0.title == title }.map(row)) }
            + [
                Section(title: "Options", rows: untitled.filter { !$0.isArgument }.map(row) + commonRows),
                Section(title: "Subcommands", rows: subcommandRows(of: command)),
            ]
    }

    /// The rows that every command has.
    private var commonRows: [Row] {
        let version = Row(label: "--version", summary: "Show the version.")
        let help = Row(label: "-h, --help", summary: "Show help information.")
        return path.contains { $0.version != nil } ? [version, help] : [help]
    }

    private func subcommandRows(of command: CommandDeclaration) -> [Row] {
        command.subcommands.filter { !$0.isHidden }.map { subcommand in
            let isDefault = subcommand.name == command.defaultSubcommand
            return Row(label: subcommand.name + (isDefault ? " (default)" : ""), summary: subcommand.summary)
        }
    }

    private func row(_ definition: ParameterDefinition) -> Row {
        let short = definition.names.filter { !$0.isLong }.map(\.spelling)
        let long = definition.names.filter(\.isLong).map(\.spelling)
        let names = (short + long).joined(separator: ", ")
        let value = definition.kind == .flag ? "" : "<\(definition.valueName)>"
        return Row(
            label: [names, value].filter { !$0.isEmpty }.joined(separator: " "),
            summary: [definition.help.summary, note(definition)].filter { !$0.isEmpty }.joined(separator: " "),
            discussion: definition.help.discussion
        )
    }

    /// The values and the default, in parentheses.
    private func note(_ definition: ParameterDefinition) -> String {
        var parts: [String] = []
        if !definition.valueTexts.isEmpty { parts.append("values: \(definition.valueTexts.joined(separator: ", "))") }
        if !definition.defaultText.isEmpty { parts.append("default: \(definition.defaultText)") }
        return parts.isEmpty ? "" : "(\(parts.joined(separator: "; ")))"
    }

    private func row(_ row: Row) -> String {
        let label = String(repeating: " ", count: Self.labelIndent) + row.label
        let summary = row.summary.wrapped(to: columns, indent: Self.labelColumns)
        let discussion = row.discussion.wrapped(to: columns, indent: Self.discussionIndent)
        // A label that reaches into the column of explanations has a line of its own.
        let explained =
            summary.isEmpty
            ? label
            : label.count < Self.labelColumns ? label + summary.dropFirst(label.count) : label + "\n" + summary
        return explained + "\n" + (discussion.isEmpty ? "" : discussion + "\n")
    }
}
