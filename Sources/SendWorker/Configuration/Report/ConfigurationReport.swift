import FoundationEssentials

/// Every key with its value and where that came from; secrets are hidden.
package struct ConfigurationReport: Sendable, Hashable {
    /// One key.
    package struct Entry: Sendable, Hashable {
        package let key: String
        /// The value the way it is written; `<redacted>` for a secret that is set, nil if nothing is set.
        package let value: String?
        package let source: ConfigurationSource
        package let defaultText: String?
        package let typeName: String
        package let accepted: String
        package let unit: String?
        package let meaning: String
        package let isSecret: Bool

        var section: String { String(key.prefix { $0 != "." }) }

        init(key: ConfigurationKey, configuration: WorkerConfiguration, source: ConfigurationSource) {
            self.key = key.name
            let value = key.show(configuration)
            self.value = key.isSecret ? value.map { _ in "<redacted>" } : value
            self.source = source
            defaultText = key.defaultText
            typeName = key.typeName
            accepted = key.accepted
            unit = key.unit
            meaning = key.meaning
            isSecret = key.isSecret
        }

        /// A row about something that is no key.
        init(
            _ name: String,
            value: String,
            source: ConfigurationSource,
            typeName: String,
            accepted: String,
            meaning: String,
            isSecret: Bool = false
        ) {
            key = name
            self.value = isSecret ? "<redacted>" : value
            self.source = source
            defaultText = nil
            self.typeName = typeName
            self.accepted = accepted
            unit = nil
            self.meaning = meaning
            self.isSecret = isSecret
        }
    }

    package let entries: [Entry]

    /// A table: key, value, source, and what the key means and defaults to.
    package var text: String {
        let titles = ["KEY", "VALUE", "SOURCE", "DEFAULT", "MEANING"]
        let rows = entries.map { entry in
            [
                entry.key,
                (entry.value ?? "none").printable,
                entry.source.description,
                entry.defaultText ?? "none",
                entry.meaning + (entry.unit.map { " (\($0))" } ?? ""),
            ]
        }
        let table = [titles] + rows
        let widths = titles.indices.dropLast().map { column in table.map { $0[column].count }.max() ?? 0 }
        let lines = table.map { row in
            row.enumerated()
                .map { column, cell in
                    column < widths.count
                        ? cell + String(repeating: " ", count: max(0, widths[column] - cell.count)) : cell
                }
                .joined(separator: "  ")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A JSON array with one object per key, in the order of the table.
    package var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Texts and booleans alone cannot fail to encode.
        let bytes = (try? encoder.encode(entries.map(Row.init))) ?? Data()
        return String(decoding: bytes, as: UTF8.self) + "\n"
    }

    /// An entry as JSON shows it; what is not set is null.
    private struct Row: Encodable {
        let entry: Entry

        private enum Member: String, CodingKey {
            case key, value, source, `default`, type, accepted, unit, meaning, secret
        }

        func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: Member.self)
            try members.encode(entry.key, forKey: .key)
            try members.encode(entry.value, forKey: .value)
            try members.encode(entry.source.description, forKey: .source)
            try members.encode(entry.defaultText, forKey: .default)
            try members.encode(entry.typeName, forKey: .type)
            try members.encode(entry.accepted, forKey: .accepted)
            try members.encode(entry.unit, forKey: .unit)
            try members.encode(entry.meaning, forKey: .meaning)
            try members.encode(entry.isSecret, forKey: .secret)
        }
    }
}
