/// How one account is called: by which token, and where that is not as `graph.*` says.
package struct AccountAccess: Sendable, Hashable {
    package var token: AccessToken
    package var own = AccountSettings()

    package init(_ token: AccessToken, own: AccountSettings = AccountSettings()) {
        self.token = token
        self.own = own
    }
}

/// What an account has in place of the settings of `graph.*`: accounts of both logins and of several applications may be
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
