/// The way in which one account is called: by which token, and where that is not as `graph.*` says.
package struct AccountAccess: Sendable, Hashable {
    package var token: AccessToken
    package var own = AccountSettings()

    package init(_ token: AccessToken, own: AccountSettings = AccountSettings()) {
        self.token = token
        self.own = own
    }
}

/// An account's own values in place of `graph.*`: accounts of both logins and of several applications may be
/// in one group.
package struct AccountSettings: Sendable, Hashable {
    /// The id in the path of its calls, where that is not its own: with Facebook Login the Page's.
    package var pathID: String?
    /// In place of `graph.baseURL`.
    package var baseURL: String?
    /// In place of `graph.appSecret`.
    package var appSecret: SecretText?

    package init(pathID: String? = nil, baseURL: String? = nil, appSecret: SecretText? = nil) {
        self.pathID = pathID
        self.baseURL = baseURL
        self.appSecret = appSecret
    }

    package var isEmpty: Bool { self == AccountSettings() }

    /// Whether the account's token is one of Instagram Login, which alone can be refreshed: a Page's token cannot.
    ///
    /// - Parameter baseURL: Where accounts are that have no URL of their own.
    func hasRefreshableToken(baseURL: String) -> Bool {
        pathID == nil && !Self.isFacebook(self.baseURL ?? baseURL)
    }

    private static func isFacebook(_ url: String) -> Bool {
        url.lowercased().hasPrefix("https://graph.facebook.com")
    }
}

extension ConfigurationReport {
    /// The same with what accounts have of their own, as the place of the tokens says it; no token is read into it.
    ///
    /// - Returns: The same report where that place cannot be read: `config --check` says why.
    package func withAccounts(of configuration: WorkerConfiguration) -> ConfigurationReport {
        guard let place = TokenSources.place(configuration.tokens), let reading = try? place.read() else { return self }
        let rows = reading.own.sorted { $0.key < $1.key }.flatMap { Self.rows(of: $0.value, $0.key, at: place.name) }
        return ConfigurationReport(entries: entries + rows)
    }

    private static func rows(of own: AccountSettings, _ accountID: String, at place: String) -> [Entry] {
        func row(_ name: String, _ value: String, _ key: String, _ meaning: String, isSecret: Bool = false) -> Entry {
            let known = ConfigurationKey.byName[key]
            return Entry(
                "tokens.file/\(accountID)/\(name)",
                value: value,
                source: .tokens(place),
                typeName: known?.typeName ?? "id",
                accepted: known?.accepted ?? "1 to 32 digits",
                meaning: meaning,
                isSecret: isSecret
            )
        }
        return [
            own.pathID.map { row("pathID", $0, "", "the id in the path of this account's calls") },
            own.baseURL.map { row("baseURL", $0, "graph.baseURL", "graph.baseURL of this account") },
            own.appSecret.map {
                row("appSecret", $0.description, "graph.appSecret", "graph.appSecret of this account", isSecret: true)
            },
        ].compactMap(\.self)
    }
}
