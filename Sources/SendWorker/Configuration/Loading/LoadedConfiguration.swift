/// A configuration that has been read, with where each value came from.
package struct LoadedConfiguration: Sendable {
    package let configuration: WorkerConfiguration
    package let report: ConfigurationReport
    /// Settings that are allowed and probably not meant, one line each.
    package let warnings: [String]

    /// Reads the configuration. First hit wins: option, environment variable, file, default.
    ///
    /// - Parameters:
    ///   - options: From the command line; of several for one key, the last one counts.
    ///   - environment: All environment variables; those that are no keys are passed over.
    ///   - file: The YAML file, if there is one.
    /// - Throws: Every problem at once.
    package static func load(
        options: [ConfigurationOption] = [],
        environment: [String: String] = [:],
        file: ConfigurationFile? = nil
    ) throws(ConfigurationError) -> LoadedConfiguration {
        var loading = ConfigurationLoading(options: options, environment: environment, file: file)
        loading.refuseUnknownKeys(options: options, environment: environment, file: file)
        loading.loadFixedKeys()
        loading.loadFamilies()
        loading.check()
        guard loading.problems.isEmpty else {
            throw ConfigurationError(loading.problems)
        }
        return LoadedConfiguration(
            configuration: loading.configuration,
            report: ConfigurationReport(entries: loading.entries),
            warnings: loading.warnings(environment: environment)
        )
    }
}

/// A configuration on its way from texts to values.
private struct ConfigurationLoading {
    private(set) var configuration = WorkerConfiguration()
    private(set) var problems: [String]
    private(set) var entries: [ConfigurationReport.Entry] = []
    private let layers: ConfigurationLayers
    /// The place from which every value came that is not a default.
    private var found: [String: ConfigurationLayers.Found] = [:]
    private var malformed: Set<String> = []

    init(options: [ConfigurationOption], environment: [String: String], file: ConfigurationFile?) {
        layers = ConfigurationLayers(options: options, environment: environment, file: file)
        problems = file?.problems ?? []
    }

    /// An environment holds what other programs are told, too: of its names only those are refused that were keys once.
    mutating func refuseUnknownKeys(
        options: [ConfigurationOption],
        environment: [String: String],
        file: ConfigurationFile?
    ) {
        for option in options {
            refuse(option.key, from: .option(option.spelling))
        }
        for entry in file?.entries ?? [] {
            refuse(entry.key, from: .file(file?.name ?? "", line: entry.line))
        }
        for key in UnknownKey.replaced.keys.sorted() where environment[EnvironmentName.of(key)] != nil {
            refuse(key, from: .environment(EnvironmentName.of(key)))
        }
    }

    private mutating func refuse(_ key: String, from source: ConfigurationSource) {
        if let reason = UnknownKey.reason(against: key) {
            problems.append("\(key.printable) (\(source)) \(reason)")
        }
    }

    mutating func loadFixedKeys() {
        for key in ConfigurationKey.all {
            load(key)
        }
    }

    /// Loads the members of families, each in its section's place of the report.
    mutating func loadFamilies() {
        for name in layers.familyNames.sorted() {
            switch ConfigurationFamily.of(name)?.key(name) {
            case .success(let key):
                load(key)
            case .failure(let refusal):
                // Options and files have had their refusal already.
                if let source = layers.value(of: name)?.source, case .environment = source {
                    problems.append("\(name.printable) (\(source)) \(refusal.reason)")
                }
            case nil:
                break
            }
        }
        let order = Dictionary(uniqueKeysWithValues: ConfigurationKey.sections.enumerated().map { ($1, $0) })
        entries = entries.enumerated()
            .sorted { left, right in
                let (leftOrder, rightOrder) = (order[left.element.section] ?? 0, order[right.element.section] ?? 0)
                return leftOrder == rightOrder ? left.offset < right.offset : leftOrder < rightOrder
            }
            .map(\.element)
    }

    private mutating func load(_ key: ConfigurationKey) {
        let value = layers.value(of: key.name)
        if let value {
            found[key.name] = value
            if let refusal = key.load(value.text, &configuration) {
                malformed.insert(key.name)
                problems.append("\(subject(key, value)) \(refusal.reason)")
            }
        }
        entries.append(
            ConfigurationReport.Entry(key: key, configuration: configuration, source: value?.source ?? .byDefault)
        )
    }

    /// `retry.maxDelay: "60 seconds" (environment RETRY_MAX_DELAY)`, without the value where that is a secret.
    private func subject(_ key: ConfigurationKey, _ value: ConfigurationLayers.Found) -> String {
        let shown = key.isSecret ? "" : ": \"\(value.text.printable)\""
        return "\(key.name)\(shown) (\(value.source))"
    }

    mutating func check() {
        for check in ConfigurationCheck.all where malformed.isDisjoint(with: check.keys) {
            guard let reason = check.fault(configuration) else {
                continue
            }
            let keys = check.keys.compactMap(ConfigurationKey.named)
            // The key that somebody has set is the one to name first.
            let subject = keys.first { found[$0.name] != nil } ?? keys[0]
            let others = keys.filter { $0.name != subject.name }.map(described).joined(separator: " and ")
            problems.append("\(described(subject)) and \(others): \(reason)")
        }
    }

    private func described(_ key: ConfigurationKey) -> String {
        let value = key.isSecret ? "" : ": \"\((key.show(configuration) ?? "").printable)\""
        return "\(key.name)\(value) (\((found[key.name]?.source ?? .byDefault)))"
    }

    func warnings(environment: [String: String]) -> [String] {
        UnknownKey.warnings(environment: environment) + ConfigurationCheck.warnings(configuration)
    }
}

extension String {
    /// The text on one line and at most 80 characters long, for messages.
    var printable: String {
        let escaped = unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control || scalar == "\""
                ? scalar.escaped(asASCII: true) : String(scalar)
        }
        return escaped.count > 80 ? escaped.prefix(77).joined() + "…" : escaped.joined()
    }
}

/// The places that a configuration is read from, so that it can be read again in the same way.
package struct ConfigurationPlaces: Sendable {
    package var options: [ConfigurationOption]
    package var environment: [String: String]
    /// The path of the YAML file; nil where there is none.
    package var file: String?

    package init(options: [ConfigurationOption] = [], environment: [String: String] = [:], file: String? = nil) {
        self.options = options
        self.environment = environment
        self.file = file
    }

    /// Reads it.
    ///
    /// - Throws: Every problem at once.
    package func load() throws(ConfigurationError) -> LoadedConfiguration {
        var read: ConfigurationFile?
        if let file { read = try ConfigurationFile(path: file) }
        return try LoadedConfiguration.load(options: options, environment: environment, file: read)
    }
}

/// Everything that is wrong with a configuration: one line for each problem, ready to be printed. Holds no secret.
package struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    package let problems: [String]

    package init(_ problems: [String]) {
        self.problems = problems
    }

    package var description: String { problems.joined(separator: "\n") }
}
