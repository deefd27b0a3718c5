import Configuration

/// The places in which values can stand, the one that wins first.
///
/// Each is a provider of swift-configuration, asked by itself rather than through a `ConfigReader`, so that the place
/// a value came from is known. The types are ours: a provider only hands out text, so that the message about a
/// malformed value is the same wherever it stands.
struct ConfigurationLayers: Sendable {
    /// What a layer says about a key.
    struct Found: Sendable {
        var text: String
        var source: ConfigurationSource
    }

    private let options: InMemoryProvider
    private let environment: EnvironmentVariablesProvider
    private let file: InMemoryProvider
    private let spellings: [String: String]
    private let fileName: String
    private let fileLines: [String: Int?]
    /// Full names of the families' members that any layer names.
    let familyNames: Set<String>

    init(options: [ConfigurationOption], environment: [String: String], file: ConfigurationFile?) {
        // The last of several options for one key wins, as is usual for command lines.
        let texts = Dictionary(options.map { ($0.key, $0.text) }) { _, last in last }
        let fileTexts = Dictionary(file?.entries.map { ($0.key, $0.text) } ?? []) { first, _ in first }
        self.options = InMemoryProvider(name: "options", values: Self.values(texts))
        self.environment = EnvironmentVariablesProvider(environmentVariables: environment)
        self.file = InMemoryProvider(name: "file", values: Self.values(fileTexts))
        spellings = Dictionary(options.map { ($0.key, $0.spelling) }) { _, last in last }
        fileName = file?.name ?? ""
        fileLines = Dictionary(file?.entries.map { ($0.key, $0.line) } ?? []) { first, _ in first }
        let names = Array(texts.keys) + Array(fileTexts.keys)
        familyNames = Set(names.filter { ConfigurationFamily.of($0) != nil })
            .union(environment.keys.compactMap(Self.familyName(ofVariable:)))
    }

    /// The value that wins; nil if no layer has one.
    func value(of key: String) -> Found? {
        if let (_, text) = Self.ask(options, for: key) {
            return Found(text: text, source: .option(spellings[key] ?? "--set"))
        }
        if let (name, text) = Self.ask(environment, for: key) {
            return Found(text: text, source: .environment(name))
        }
        if let (_, text) = Self.ask(file, for: key) {
            return Found(text: text, source: .file(fileName, line: fileLines[key] ?? nil))
        }
        return nil
    }

    /// How a key is spelled in the environment: `KAFKA_BOOTSTRAP_SERVERS` for `kafka.bootstrapServers`.
    static func environmentName(of key: String) -> String {
        let nothing = EnvironmentVariablesProvider(environmentVariables: [:])
        return (try? nothing.value(forKey: path(of: key), type: .string).encodedKey) ?? key
    }

    private static func ask(_ provider: some ConfigProvider, for key: String) -> (name: String, text: String)? {
        // A text is never refused: every provider here holds nothing else.
        guard let answer = try? provider.value(forKey: path(of: key), type: .string),
            case .string(let text) = answer.value?.content
        else {
            return nil
        }
        return (answer.encodedKey, text)
    }

    private static func values(_ texts: [String: String]) -> [AbsoluteConfigKey: ConfigValue] {
        Dictionary(
            uniqueKeysWithValues: texts.map { key, text in (path(of: key), ConfigValue(.string(text), isSecret: true)) }
        )
    }

    private static func path(of key: String) -> AbsoluteConfigKey {
        AbsoluteConfigKey(key.split(separator: ".", omittingEmptySubsequences: false).map(String.init))
    }

    private static func familyName(ofVariable variable: String) -> String? {
        ConfigurationFamily.all.lazy
            .filter { variable.hasPrefix($0.environmentPrefix) && variable.count > $0.environmentPrefix.count }
            .compactMap { $0.nameFromEnvironment(String(variable.dropFirst($0.environmentPrefix.count))) }
            .first
    }
}
