/// Texts about all keys, made from the table: help for the command line and the example file.
package enum ConfigurationGuide {
    /// One paragraph for each key: what it means, its type, its default and its environment variable.
    package static var help: String {
        let keys = ConfigurationKey.all.map { key in
            """
              \(key.name)
                  \(key.meaning)
                  \(facts(about: key)); environment \(EnvironmentName.of(key.name))
            """
        }
        let families = ConfigurationFamily.all.map { family in
            """
              \(family.pattern)
                  \(family.meaning)
                  environment \(family.environmentPrefix)…
            """
        }
        return (keys + families).joined(separator: "\n") + "\n"
    }

    /// A YAML file that names every key with its default and explains it. Loading it changes nothing.
    package static var exampleFile: String {
        let introduction = """
            # Every key of send-worker with its default. Generated: `send-worker config --example` prints this file.
            #
            # First hit wins: command line (--set retry.maxDelay=30s), environment (RETRY_MAX_DELAY), this file, default.
            # Durations are whole numbers with a unit: 250ms, 30s, 15m, 24h.
            # Secrets are better kept out of this file: set them in the environment.

            """
        return introduction + ConfigurationKey.sections.map(exampleSection).joined()
    }

    private static func exampleSection(_ section: String) -> String {
        let keys = ConfigurationKey.all.filter { $0.section == section }
            .map { key in
                let name = key.name.dropFirst(section.count + 1)
                let explanation = "  # \(capitalized(key.meaning)).\n  # \(capitalized(facts(about: key))).\n"
                guard let value = key.defaultText else {
                    return explanation + "  # \(name):\n"
                }
                return explanation + "  \(name): \(quoted(value))\n"
            }
        let families = ConfigurationFamily.all.filter { $0.prefix.hasPrefix("\(section).") }
            .map { family in
                let name = family.prefix.dropFirst(section.count + 1).dropLast()
                return "  # \(capitalized(family.meaning)).\n  # \(name):\n  #   \(family.example)\n"
            }
        return "\n\(section):\n" + (keys + families).joined(separator: "\n")
    }

    private static func facts(about key: ConfigurationKey) -> String {
        let unit = key.unit.map { ", \($0)" } ?? ""
        return "\(key.typeName)\(unit): \(key.accepted); default \(key.defaultText ?? "none")"
    }

    private static func capitalized(_ text: String) -> String {
        // A sentence that begins with a word of the configuration keeps it as it is.
        let firstWord = text.prefix { $0 != " " }
        return firstWord.contains { "_.".contains($0) || $0.isUppercase }
            ? text : text.prefix(1).uppercased() + text.dropFirst()
    }

    /// Quotes what YAML would not take as the same text.
    private static func quoted(_ text: String) -> String {
        text.contains { "\"'#{}[],&*!|>%@`".contains($0) } || text.contains(": ") ? "\"\(text)\"" : text
    }
}
