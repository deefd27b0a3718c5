import InstagramMessaging
import Telemetry

/// Refreshes tokens before they expire and writes them back to where they came from, one at a time.
///
/// Replicas that share the place take turns by a lock on its folder: the one that has it reads the place anew, refreshes
/// one token, and writes it, so that the next one finds it done. Replicas with a place of their own refresh their own.
struct TokenRefresher: Sendable {
    /// The end of one attempt.
    enum Outcome: String, Sendable, Hashable, CaseIterable {
        case refreshed
        /// Graph answered, and not with a token.
        case refused
        /// Nobody answered.
        case failed
        /// Graph gave a token that could not be written back.
        case unwritten
    }

    /// The least time between two attempts, so that many tokens are spread over hours.
    static let interval = Duration.seconds(5)
    /// The interval at which the same reason for a failure is told, over all accounts.
    static let repetitionInterval = Duration.seconds(600)

    let place: any RefreshableTokens
    let refreshBefore: Duration
    /// The base URL at which accounts are called that have no URL of their own.
    let baseURL: String
    /// Asks at a base URL.
    let ask: @Sendable (AccessToken, _ baseURL: String) async -> RefreshAnswer
    let now: @Sendable () -> Timestamp
    let pause: @Sendable () async throws -> Void
    let count: @Sendable (Outcome) -> Void
    let repetitions: RepetitionLimiter
    let logger: Logger

    /// Refreshes until the task is cancelled; nothing where nothing can be written.
    func run() async {
        do throws(FileReplacementError) {
            try place.probe()
        } catch {
            logger.warning(
                "tokens.refresh is on and the place of the tokens cannot be written, so no token is refreshed",
                metadata: ["place": "\(place.name)", "reason": "\(error)"]
            )
            return
        }
        var work = Work(plan: RefreshPlan(refreshBefore: refreshBefore, baseURL: baseURL))
        do {
            while true {
                try await pause()
                try Task.checkCancellation()
                await step(&work)
            }
        } catch {
            // Cancelled.
        }
    }

    /// The state that is kept from one step to the next.
    struct Work: Sendable {
        var plan: RefreshPlan
        var fingerprint: [String: FileFingerprint]?
    }

    /// Refreshes one token, if one is due and no other replica is at it.
    func step(_ work: inout Work) async {
        guard update(&work), work.plan.next(now: now()) != nil, let lock = FolderLock(place.folder) else { return }
        // Another replica may have been at it meanwhile.
        if read(&work), let (accountID, token, baseURL) = work.plan.next(now: now()) {
            await refresh(accountID, token, at: baseURL, &work)
        }
        withExtendedLifetime(lock) {}
    }

    /// Reads the place where it has changed; false where it cannot be read, which others say.
    private func update(_ work: inout Work) -> Bool {
        place.fingerprint() == work.fingerprint || read(&work)
    }

    private func read(_ work: inout Work) -> Bool {
        // Taken before reading: what changes while it is read is a change the next time.
        let fingerprint = place.fingerprint()
        guard let reading = try? place.read() else { return false }
        work.plan.update(reading, writtenAt: place.writtenAt())
        work.fingerprint = fingerprint
        return true
    }

    private func refresh(_ accountID: String, _ token: AccessToken, at baseURL: String, _ work: inout Work) async {
        let answer = await ask(token, baseURL)
        let now = self.now()
        switch answer {
        case .refreshed(let new, let lifetime):
            let end = now.adding(milliseconds: lifetime * 1_000)
            do throws(FileReplacementError) {
                try place.replace(token, with: new, of: accountID, expiresAt: end)
                work.plan.refreshed(accountID, to: new, expiresAt: end, now: now)
                count(.refreshed)
                logger.info(
                    "an access token was refreshed",
                    metadata: ["account_id": "\(accountID)", "expires_at": "\(end.rfc3339)"]
                )
            } catch {
                fail(.unwritten, "it cannot be written back: \(error)", accountID, now, &work)
            }
        case .refused(let reason): fail(.refused, reason, accountID, now, &work)
        case .failed(let reason): fail(.failed, reason, accountID, now, &work)
        }
    }

    private func fail(
        _ outcome: Outcome,
        _ reason: String,
        _ accountID: String,
        _ now: Timestamp,
        _ work: inout Work
    ) {
        work.plan.failed(accountID, now: now, share: .random(in: 0.5...1))
        count(outcome)
        repetitions.log(
            "an access token was not refreshed; it is tried again later",
            key: "\(outcome.rawValue): \(reason)",
            level: .warning,
            to: logger,
            metadata: ["account_id": "\(accountID)", "outcome": "\(outcome.rawValue)", "reason": "\(reason)"]
        )
    }
}

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
        /// The base URL at which it is refreshed.
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
            if let expiry = reading.expiries[accountID] { account.expiresAt = expiry }
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
