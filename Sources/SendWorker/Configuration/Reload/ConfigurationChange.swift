/// A key that has another value than before, the way values are shown: secrets are hidden.
struct ConfigurationChange: Sendable, Hashable, CustomStringConvertible {
    let key: String
    let old: String
    let new: String

    var description: String { "\(key): \(old) -> \(new)" }

    /// Whether a running worker can take the key's new value over.
    var needsRestart: Bool { !key.hasPrefix("limits.") && key != "log.level" }

    /// Every key that differs, in the order of the report.
    static func between(_ old: WorkerConfiguration, _ new: WorkerConfiguration) -> [ConfigurationChange] {
        (ConfigurationKey.all + familyKeys(of: old, new)).compactMap { key in
            guard key.differs(old, new) else { return nil }
            return ConfigurationChange(key: key.name, old: shown(key.show(old), key), new: shown(key.show(new), key))
        }
    }

    private static func familyKeys(
        of configurations: WorkerConfiguration...
    ) -> [ConfigurationKey] {
        var names: Set<String> = []
        for configuration in configurations {
            names.formUnion(configuration.kafka.properties.keys.map { "kafka.properties.\($0)" })
            for accountID in configuration.limits.accounts.keys {
                names.formUnion(ConfigurationFamily.limitNames.map { "limits.accounts.\(accountID).\($0)" })
            }
        }
        return names.sorted().compactMap { try? ConfigurationFamily.of($0)?.key($0).get() }
    }

    private static func shown(_ value: String?, _ key: ConfigurationKey) -> String {
        guard let value else { return "none" }
        return key.isSecret ? "<redacted>" : value.printable
    }
}
