import InstagramMessaging

/// Decides which account's token is refreshed next. Pure.
struct RefreshPlan: Sendable {
    /// A token must be at least so old to be refreshed, in milliseconds; so each is refreshed at most once in this time.
    static let youngest: Int64 = 24 * 3_600_000
    /// The wait after a first failure; it doubles with each further one, and is a quarter of the time left at most.
    private static let firstBackoff: Int64 = 15 * 60_000
    /// The wait that a near end cannot make shorter.
    private static let shortestBackoff: Int64 = 60_000

    private struct Account {
        var token: AccessToken
        /// Where it is refreshed.
        var baseURL = ""
        /// nil until Graph has told it.
        var expiresAt: Timestamp?
        /// Nothing is tried before.
        var notBefore: Timestamp
        var failures = 0

        var end: Int64 { expiresAt?.millisecondsSinceEpoch ?? .max }
    }

    private let refreshBefore: Int64
    private let baseURL: String
    private var accounts: [String: Account] = [:]

    /// - Parameters:
    ///   - refreshBefore: How long before its end a token is refreshed.
    ///   - baseURL: Where accounts are called that have no URL of their own.
    init(refreshBefore: Duration, baseURL: String) {
        self.refreshBefore = refreshBefore.inMilliseconds
        self.baseURL = baseURL
    }

    /// Takes in what stands in the place of the tokens now; only tokens that can be refreshed count.
    ///
    /// - Parameter writtenAt: When each token was written at the latest, where that is known.
    mutating func update(_ reading: TokenReading, writtenAt: [String: Timestamp]) {
        accounts = reading.tokens.reduce(into: [:]) { updated, entry in
            let (accountID, token) = entry
            let own = reading.own[accountID] ?? AccountSettings()
            guard own.hasRefreshableToken(baseURL: baseURL) else { return }
            let ripe = writtenAt[accountID]?.adding(milliseconds: Self.youngest)
            var account = Account(token: token, notBefore: ripe ?? Timestamp(millisecondsSinceEpoch: .min))
            // Another token is another matter.
            if let known = accounts[accountID], known.token == token { account = known }
            account.baseURL = own.baseURL ?? baseURL
            if let told = reading.expiries[accountID] { account.expiresAt = told }
            updated[accountID] = account
        }
    }

    /// The account to refresh now: that which ends first, then those of which nobody knows when they end.
    func next(now: Timestamp) -> (accountID: String, token: AccessToken, baseURL: String)? {
        accounts.filter { isDue($0.value, now: now) }
            .min { left, right in
                let (leftEnd, rightEnd) = (left.value.end, right.value.end)
                return leftEnd == rightEnd ? left.key < right.key : leftEnd < rightEnd
            }
            .map { ($0.key, $0.value.token, $0.value.baseURL) }
    }

    private func isDue(_ account: Account, now: Timestamp) -> Bool {
        guard account.notBefore <= now else { return false }
        guard let end = account.expiresAt else { return true }
        // What has expired cannot be refreshed any more.
        return end > now && end.adding(milliseconds: -refreshBefore) <= now
    }

    mutating func refreshed(_ accountID: String, to token: AccessToken, expiresAt: Timestamp, now: Timestamp) {
        let next = now.adding(milliseconds: Self.youngest)
        let baseURL = accounts[accountID]?.baseURL ?? self.baseURL
        accounts[accountID] = Account(token: token, baseURL: baseURL, expiresAt: expiresAt, notBefore: next)
    }

    /// - Parameter share: How much of the wait is kept, 0.5 to 1, so that many accounts do not come back at once.
    mutating func failed(_ accountID: String, now: Timestamp, share: Double) {
        guard var account = accounts[accountID] else { return }
        var wait = min(Self.firstBackoff << min(account.failures, 10), Self.youngest)
        if let end = account.expiresAt {
            // What has expired cannot be refreshed any more, so the tries come closer as the end does.
            let left = end.millisecondsSinceEpoch - now.millisecondsSinceEpoch
            wait = min(wait, max(Self.shortestBackoff, left / 4))
        }
        account.failures += 1
        account.notBefore = now.adding(milliseconds: Int64(Double(wait) * share))
        accounts[accountID] = account
    }
}
