/// The places in which values can stand, as one list: the first one that says something about a key wins.
///
/// Each hands out text and nothing else, so that a malformed value gets the same answer wherever it stands. A text that
/// is empty is a value: it takes that of an optional key away, also one that a later layer has.
struct ConfigurationLayers: Sendable {
    /// What a layer says about a key.
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
