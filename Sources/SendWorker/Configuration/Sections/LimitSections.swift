import SendEngine

// MARK: - limits.*

extension WorkerConfiguration {
    /// The number of calls that may start per account.
    package struct Limits: Sendable, Hashable {
        /// The defaults are the engine's.
        private static let engine = EngineSettings.LimitSettings()

        package var messagesPerSecond = engine.messagesPerSecond
        package var mediaPerSecond = engine.mediaPerSecond
        package var privateRepliesPerHour = engine.privateRepliesPerHour
        /// The limits of single accounts that differ, by account id.
        package var accounts: [String: Account] = [:]

        /// The defaults.
        package init() {}

        /// The limits of one account that differ from the general ones; nil where they do not.
        package struct Account: Sendable, Hashable {
            package var messagesPerSecond: Int?
            package var mediaPerSecond: Int?
            package var privateRepliesPerHour: Int?

            /// The defaults.
            package init() {}
        }
    }
}

extension ConfigurationKey {
    /// The format of a limit, for all accounts and for one.
    static let limit = ValueFormat<Int>.integer(1...1_000_000)

    static let limits = [
        ConfigurationKey(
            "limits.messagesPerSecond",
            \.limits.messagesPerSecond,
            limit,
            unit: "calls per second",
            "per account: text, links, reactions, stickers, templates, images, shares"
        ),
        ConfigurationKey(
            "limits.mediaPerSecond",
            \.limits.mediaPerSecond,
            limit,
            unit: "calls per second",
            "per account: audio and video"
        ),
        ConfigurationKey(
            "limits.privateRepliesPerHour",
            \.limits.privateRepliesPerHour,
            limit,
            unit: "calls per hour",
            "per account: private replies to comments"
        ),
    ]
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
            let name = rest.dropFirst(digits.count)
            return limitNames.first { name == "_\(EnvironmentName.of($0))" }.map { "limits.accounts.\(digits).\($0)" }
        },
        environmentPrefix: "LIMITS_ACCOUNTS_"
    )

    /// The last parts of the keys of an account's limits.
    static let limitNames = ConfigurationKey.limits.map { String($0.name.dropFirst("limits.".count)) }

    /// Whether a text is an account id: 1 to 32 digits.
    static func isAccountID(_ text: some StringProtocol) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func limitKey(_ name: String, _ limit: String, of accountID: String) -> ConfigurationKey? {
        guard let general = ConfigurationKey.byName["limits.\(limit)"] else { return nil }
        let place: any WritableKeyPath<WorkerConfiguration.Limits.Account, Int?> & Sendable
        switch limit {
        case "messagesPerSecond": place = \.messagesPerSecond
        case "mediaPerSecond": place = \.mediaPerSecond
        case "privateRepliesPerHour": place = \.privateRepliesPerHour
        default: return nil
        }
        return ConfigurationKey(
            name: name,
            typeName: general.typeName,
            accepted: general.accepted,
            unit: general.unit,
            meaning: "\(general.name) for this account",
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
