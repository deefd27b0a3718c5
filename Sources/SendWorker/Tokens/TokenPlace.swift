package import InstagramMessaging

/// The findings of one look at the place of the tokens.
package struct TokenReading: Sendable, Hashable {
    /// The tokens that can be used.
    package var tokens: [String: AccessToken] = [:]
    /// The accounts' own values in place of `graph.*`; only of those with a usable token and something of their own.
    package var own: [String: AccountSettings] = [:]
    /// The ends of tokens, where they are written beside them.
    var expiries: [String: Timestamp] = [:]
    /// Accounts whose token is there and cannot be used: they keep the one they had.
    var keeping: Set<String> = []
    /// The faults, one sentence each, without any token.
    package var problems: [String] = []
}

extension TokenReading {
    /// The way in which each account is called.
    var accesses: [String: AccountAccess] {
        guard !own.isEmpty else { return tokens.mapValues { AccountAccess($0, own: AccountSettings()) } }
        var accesses: [String: AccountAccess] = [:]
        accesses.reserveCapacity(tokens.count)
        for (id, token) in tokens { accesses[id] = AccountAccess(token, own: own[id] ?? AccountSettings()) }
        return accesses
    }
}

extension Collection<AccountSettings> {
    /// The number of them that have a base URL of their own, by that URL.
    package var ownBaseURLs: [String: Int] {
        reduce(into: [:]) { counts, settings in
            if let url = settings.baseURL { counts[url, default: 0] += 1 }
        }
    }
}

/// Why the place of the tokens cannot be read at all.
package struct TokenPlaceError: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A place where tokens are kept, looked at again and again.
package protocol TokenPlace: Sendable {
    /// The place's name in messages: `tokens.file /run/tokens.json`.
    var name: String { get }

    /// Changes whenever the tokens may have changed; cheap. nil if there is nothing.
    func fingerprint() -> [String: FileFingerprint]?

    func read() throws(TokenPlaceError) -> TokenReading
}

/// A place of tokens that refreshed ones can be written back to.
package protocol RefreshableTokens: TokenPlace {
    /// The folder that the files stand in; replicas that share it take turns.
    var folder: String { get }

    /// Finds out whether anything can be written.
    func probe() throws(FileReplacementError)

    /// Returns when each account's token was written at the latest, as far as the files tell.
    func writtenAt() -> [String: Timestamp]

    /// Writes an account's new token in the place of the old one.
    ///
    /// - Throws: `changedMeanwhile` where the old one is not there any more.
    func replace(
        _ old: AccessToken,
        with new: AccessToken,
        of accountID: String,
        expiresAt: Timestamp
    ) throws(FileReplacementError)
}
