/// Where a value came from.
package enum ConfigurationSource: Sendable, Hashable, CustomStringConvertible {
    /// A command-line option, the way it is spelled: `--set`.
    case option(String)
    /// The environment variable with this name.
    case environment(String)
    /// A line of the YAML file.
    case file(String, line: Int)
    /// The place of the tokens: `tokens.file /run/tokens.json`.
    case tokens(String)
    /// Nothing was said.
    case byDefault

    package var description: String {
        switch self {
        case .option(let spelling): "option \(spelling)"
        case .environment(let name): "environment \(name)"
        case .file(let name, let line): "file \(name) line \(line)"
        case .tokens(let place): place
        case .byDefault: "default"
        }
    }
}

/// A key's value from the command line.
package struct ConfigurationOption: Sendable, Hashable {
    package var key: String
    package var text: String
    /// How the option is spelled, for messages: `--set`, `--bootstrap-servers`.
    package var spelling: String

    package init(key: String, text: String, spelling: String) {
        self.key = key
        self.text = text
        self.spelling = spelling
    }

    /// Takes `key=value` apart at the first `=`.
    package init(assignment: String, spelling: String = "--set") throws(ConfigurationError) {
        guard let equals = assignment.firstIndex(of: "="), equals > assignment.startIndex else {
            // What stands there may be a secret whose key was forgotten, so it is not repeated.
            throw ConfigurationError([
                "option \(spelling): no key before a =; write it like \(spelling) retry.maxDelay=60s"
            ])
        }
        key = String(assignment[..<equals].trimmed)
        text = String(assignment[assignment.index(after: equals)...])
        self.spelling = spelling
    }
}
