/// The place that a value came from.
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
    /// The spelling of the option, for messages: `--set`, `--bootstrap-servers`.
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

/// The places in which values can stand, as one list: the first one that says something about a key wins.
///
/// Each hands out text and nothing else, so that a malformed value gets the same answer wherever it stands. A text that
/// is empty is a value: it takes that of an optional key away, also one that a later layer has.
struct ConfigurationLayers: Sendable {
    /// A key's text in a layer.
    struct Found: Sendable {
        var text: String
        var source: ConfigurationSource
    }

    private let layers: [[String: Found]]
    /// Full names of the families' members that any layer names.
    let familyNames: Set<String>

    init(options: [ConfigurationOption], environment: [String: String], file: ConfigurationFile?) {
        // The last of several options for one key wins, as is usual for command lines.
        let given = Dictionary(
            options.map { ($0.key, Found(text: $0.text, source: .option($0.spelling))) },
            uniquingKeysWith: { _, last in last }
        )
        let written = Dictionary(
            (file?.entries ?? []).map { entry in
                (entry.key, Found(text: entry.text, source: .file(file?.name ?? "", line: entry.line)))
            },
            uniquingKeysWith: { first, _ in first }
        )
        familyNames = Set((Array(given.keys) + Array(written.keys)).filter { ConfigurationFamily.of($0) != nil })
            .union(environment.keys.compactMap(Self.familyName(ofVariable:)))
        let names = ConfigurationKey.all.map(\.name) + familyNames
        layers = [given, Self.values(of: names, in: environment), written]
    }

    /// The value that wins; nil if no layer has one.
    func value(of key: String) -> Found? {
        layers.lazy.compactMap { $0[key] }.first
    }

    private static func values(of keys: [String], in environment: [String: String]) -> [String: Found] {
        keys.reduce(into: [:]) { values, key in
            let variable = EnvironmentName.of(key)
            values[key] = environment[variable].map { Found(text: $0, source: .environment(variable)) }
        }
    }

    private static func familyName(ofVariable variable: String) -> String? {
        ConfigurationFamily.all.lazy
            .filter { variable.hasPrefix($0.environmentPrefix) && variable.count > $0.environmentPrefix.count }
            .compactMap { $0.nameFromEnvironment(String(variable.dropFirst($0.environmentPrefix.count))) }
            .first
    }
}

/// The spelling of a key in the environment: `KAFKA_BOOTSTRAP_SERVERS` for `kafka.bootstrapServers`.
package enum EnvironmentName {
    /// Words are divided where a capital follows a small letter; all but letters and digits becomes an underscore.
    package static func of(_ key: String) -> String {
        var name = ""
        var isBehindSmallLetter = false
        for character in key {
            if isBehindSmallLetter, character.isUppercase { name += "_" }
            isBehindSmallLetter = character.isLowercase
            name += character.isLetter || character.isNumber ? character.uppercased() : "_"
        }
        return name
    }
}
