import Synchronization

/// Tokens held in memory: for the demo and for tests.
package final class FixedTokens: TokenSource {
    package let changes: AsyncStream<[String]>

    private let tokens: Mutex<[String: AccessToken]>
    private let own: [String: AccountSettings]
    private let announcements: AsyncStream<[String]>.Continuation
    private let answersEveryone: AccessToken?

    /// - Parameters:
    ///   - tokens: The accounts' tokens by account id.
    ///   - everyone: The token of every account that `tokens` does not name.
    ///   - own: The settings of accounts that differ.
    package init(_ tokens: [String: String], everyone: String? = nil, own: [String: AccountSettings] = [:]) {
        self.own = own
        self.tokens = Mutex(tokens.mapValues { AccessToken($0) })
        answersEveryone = everyone.map { AccessToken($0) }
        (changes, announcements) = AsyncStream.makeStream()
    }

    package func access(for accountID: String) -> AccountAccess? {
        guard let token = tokens.withLock({ $0[accountID] }) ?? answersEveryone else { return nil }
        return AccountAccess(token, own: own[accountID] ?? AccountSettings())
    }

    package var ownBaseURLs: [String: Int] { own.values.ownBaseURLs }

    /// Gives an account another token, or takes it away, and announces a new one.
    package func set(_ token: String?, for accountID: String) {
        let token = token.map { AccessToken($0) }
        let hasNews = tokens.withLock { tokens in
            let before = tokens.updateValue(token, for: accountID)
            return token != nil && before != token
        }
        if hasNews {
            announcements.yield([accountID])
        }
    }

    package func readAgain() {
        // There is no place that they come from.
    }

    package func run() async {
        // Nothing changes by itself; the stream that nobody fills ends when the task is cancelled.
        for await _ in AsyncStream<Never>.makeStream().stream {}
    }
}

extension [String: AccessToken] {
    /// Sets or removes a value and returns the one before.
    fileprivate mutating func updateValue(_ value: AccessToken?, for key: String) -> AccessToken? {
        let before = self[key]
        self[key] = value
        return before
    }
}
