/// Keys of which a part of the name is chosen freely: `kafka.properties.*` and `limits.accounts.<id>.*`.
package struct ConfigurationFamily: Sendable {
    /// The part of the name before the chosen one.
    package let prefix: String
    /// The whole pattern: `limits.accounts.<id>.mediaPerSecond`.
    package let pattern: String
    package let meaning: String
    /// A line for the example file.
    let example: String
    /// Makes the key with a full name; the refusal says why there is none.
    let key: @Sendable (_ name: String) -> Result<ConfigurationKey, ValueRefusal>
    /// The full name for the rest of an environment variable's name, nil if there is none.
    let nameFromEnvironment: @Sendable (_ rest: String) -> String?
    /// How the prefix is written in the environment.
    let environmentPrefix: String

    package static let all = [kafkaProperties, accountLimits]

    /// Every name under which a family's members are nested.
    static let groups: Set<String> = ["kafka.properties", "limits.accounts"]

    /// The family that a name belongs to.
    static func of(_ name: String) -> ConfigurationFamily? {
        all.first { name.hasPrefix($0.prefix) }
    }
}

// MARK: - kafka.properties.*

extension ConfigurationFamily {
    static let kafkaProperties = ConfigurationFamily(
        prefix: "kafka.properties.",
        pattern: "kafka.properties.<name>",
        meaning: "any librdkafka property, such as security.protocol or sasl.username, passed through",
        example: "security.protocol: SASL_SSL",
        key: { name in
            let property = String(name.dropFirst("kafka.properties.".count))
            if case .never(let instead) = KafkaPropertyRule.of(property) {
                return .failure(ValueRefusal("is set by the worker; \(instead)"))
            }
            guard !property.isEmpty, property.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "=") })
            else {
                return .failure(ValueRefusal("names no librdkafka property; write kafka.properties.security.protocol"))
            }
            return .success(propertyKey(name, property: property))
        },
        nameFromEnvironment: { rest in
            // librdkafka's names are divided by dots, but for this one.
            let property = rest.lowercased()
            return "kafka.properties." + (property == "log_level" ? property : property.replacing("_", with: "."))
        },
        environmentPrefix: "KAFKA_PROPERTIES_"
    )

    private static func propertyKey(_ name: String, property: String) -> ConfigurationKey {
        ConfigurationKey(
            name: name,
            typeName: "text",
            accepted: "what librdkafka accepts",
            meaning: "librdkafka's \(property)",
            isSecret: isSecret(property),
            load: { text, configuration in
                switch value(text, of: property) {
                case .success(let value):
                    if let refusal = KafkaPropertyRule.refusal(of: value.revealed, for: property) { return refusal }
                    configuration.kafka.properties[property] = value
                    return nil
                case .failure(let refusal):
                    return refusal
                }
            },
            show: { $0.kafka.properties[property]?.revealed }
        )
    }

    /// A secret is one line, whose end is taken off; only PEM texts have several. A key without a password has an empty
    /// one.
    private static func value(_ text: String, of property: String) -> Result<SecretText, ValueRefusal> {
        isSecret(property) && !isPEM(property) && !text.isEmpty ? SecretText.line(of: text) : .success(SecretText(text))
    }

    /// Whether a property's value is a PEM text.
    static func isPEM(_ property: String) -> Bool { property.lowercased().hasSuffix(".pem") }

    /// Whether a property's name tells that its value must not be shown.
    static func isSecret(_ property: String) -> Bool {
        ["password", "secret", ".pem", "private", "oauthbearer.config", "assertion", "jaas", "token"]
            .contains { property.lowercased().contains($0) }
    }
}

// MARK: - limits.accounts.<id>.*

extension ConfigurationFamily {
    static let accountLimits = ConfigurationFamily(
        prefix: "limits.accounts.",
        pattern: "limits.accounts.<id>.<limit>",
        meaning: "messagesPerSecond, mediaPerSecond or privateRepliesPerHour for one account",
        example: "\"17841400000000001\": { messagesPerSecond: 50 }",
        key: { name in
            let parts = name.dropFirst("limits.accounts.".count).split(separator: ".", omittingEmptySubsequences: false)
            guard let accountID = parts.first, isAccountID(accountID) else {
                return .failure(
                    ValueRefusal("names no account; write limits.accounts.<1 to 32 digits>.messagesPerSecond")
                )
            }
            let limit = parts.dropFirst().joined(separator: ".")
            guard let key = limitKey(name, limit, of: String(accountID)) else {
                let hint = NearestName.of(limit, among: limitNames).map {
                    "did you mean limits.accounts.\(accountID).\($0)?"
                }
                return .failure(
                    ValueRefusal(
                        "is not a known key; " + (hint ?? "an account has \(limitNames.joined(separator: ", "))")
                    )
                )
            }
            return .success(key)
        },
        nameFromEnvironment: { rest in
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            let names = [
                "_MESSAGES_PER_SECOND": "messagesPerSecond", "_MEDIA_PER_SECOND": "mediaPerSecond",
                "_PRIVATE_REPLIES_PER_HOUR": "privateRepliesPerHour",
            ]
            return names[String(rest.dropFirst(digits.count))].map { "limits.accounts.\(digits).\($0)" }
        },
        environmentPrefix: "LIMITS_ACCOUNTS_"
    )

    /// The last parts of the keys of an account's limits.
    static let limitNames = ["messagesPerSecond", "mediaPerSecond", "privateRepliesPerHour"]

    /// Whether a text is an account id: 1 to 32 digits.
    static func isAccountID(_ text: some StringProtocol) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func limitKey(_ name: String, _ limit: String, of accountID: String) -> ConfigurationKey? {
        let place: any WritableKeyPath<WorkerConfiguration.Limits.Account, Int?> & Sendable
        switch limit {
        case "messagesPerSecond": place = \.messagesPerSecond
        case "mediaPerSecond": place = \.mediaPerSecond
        case "privateRepliesPerHour": place = \.privateRepliesPerHour
        default: return nil
        }
        return ConfigurationKey(
            name: name,
            typeName: ConfigurationKey.limit.typeName,
            accepted: ConfigurationKey.limit.accepted,
            unit: limit == "privateRepliesPerHour" ? "calls per hour" : "calls per second",
            meaning: "limits.\(limit) for this account",
            load: { text, configuration in
                switch ConfigurationKey.limit.parse(text) {
                case .success(let value):
                    configuration.limits.accounts[accountID, default: .init()][keyPath: place] = value
                    return nil
                case .failure(let refusal):
                    return refusal
                }
            },
            show: { $0.limits.accounts[accountID]?[keyPath: place].map(ConfigurationKey.limit.show) }
        )
    }
}
