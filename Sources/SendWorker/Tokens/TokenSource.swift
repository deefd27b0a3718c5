import Synchronization
package import Telemetry

/// The source from which the Graph transport gets the accounts' access tokens.
package protocol TokenSource: Sendable {
    /// The account's token and settings as of now; nil if there is no token. Never blocks on I/O: it is called for every
    /// call.
    func access(for accountID: String) -> AccountAccess?

    /// The accounts whose token, or whose own settings, have changed or appeared, in the order it happened. For one
    /// consumer. A change of many accounts is told in pieces, so that whoever takes one in is soon free for other work.
    ///
    /// Named after the change can be seen with ``access(for:)``. What was there from the start is not named.
    var changes: AsyncStream<[String]> { get }

    /// Keeps the tokens up to date until the calling task is cancelled; returns at once after that.
    ///
    /// Run once, as a child task of whatever uses the tokens.
    func run() async

    /// The number of accounts that are called at a base URL of their own, by that URL.
    var ownBaseURLs: [String: Int] { get }

    /// Has the next look read the tokens, whether they seem to have changed or not.
    func readAgain()
}

extension TokenSource {
    /// The account's token as of now; nil if there is none.
    package func token(for accountID: String) -> AccessToken? { access(for: accountID)?.token }
}

/// Makes the token source that the configuration asks for.
package enum TokenSources {
    /// The interval at which the place of the tokens is looked at.
    package static let interval = Duration.seconds(1)

    /// - Parameter pause: Waits until the next look; throws when cancelled.
    /// - Throws: ``ConfigurationError`` if no place is configured, ``TokenPlaceError`` if it cannot be read.
    package static func make(
        _ settings: WorkerConfiguration.Tokens,
        logger: Logger,
        pause: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: interval) }
    ) throws -> any TokenSource {
        guard let place = place(settings) else { throw ConfigurationError.missingTokenPlace }
        return try WatchedTokens(place, logger: logger, pause: pause)
    }

    /// The place that is configured; nil where there is none.
    package static func place(_ settings: WorkerConfiguration.Tokens) -> (any RefreshableTokens)? {
        if let file = settings.file { return TokenFile(path: file) }
        return settings.directory.map { TokenDirectory(path: $0) }
    }
}

extension ConfigurationError {
    package static let missingTokenPlace = ConfigurationError([
        "tokens.file (default) names no file and tokens.directory no directory; set one of the two, "
            + "for example TOKENS_FILE=/run/secrets/tokens.json"
    ])
}

/// Tokens from a file or a directory, read again when it changes.
///
/// The place is looked at in intervals rather than watched for events: those are not told across mounts.
package final class WatchedTokens: TokenSource {
    /// The most accounts that are named at once.
    package static let largestAnnouncement = 1_000

    package let changes: AsyncStream<[String]>

    private let place: any TokenPlace
    private let accesses: Mutex<[String: AccountAccess]>
    private let watch: Mutex<Watch>
    private let announcements: AsyncStream<[String]>.Continuation
    private let pause: @Sendable () async throws -> Void
    private let logger: Logger

    /// The state of the place at the last look.
    private struct Watch {
        var fingerprint: [String: FileFingerprint]?
        /// True if the last look found a change. The next one then reads whatever the fingerprint says: a second change
        /// within one tick of the file system's clock leaves no trace in it.
        var readsAgain = true
        /// The problems that have been said and are not over.
        var reported: Set<String> = []
    }

    /// Reads the tokens for the first time.
    ///
    /// - Parameter pause: Waits until the next look; throws when cancelled.
    /// - Throws: If the place cannot be read at all. Single tokens that cannot be used are said in the log.
    init(
        _ place: any TokenPlace,
        logger: Logger,
        pause: @escaping @Sendable () async throws -> Void
    ) throws(TokenPlaceError) {
        self.place = place
        self.logger = logger
        self.pause = pause
        let fingerprint = place.fingerprint()
        let reading = try place.read()
        accesses = Mutex(reading.accesses)
        watch = Mutex(Watch(fingerprint: fingerprint))
        (changes, announcements) = AsyncStream.makeStream()
        report(reading.problems)
        if reading.tokens.isEmpty {
            logger.warning("there are no access tokens yet", metadata: ["place": "\(place.name)"])
        }
    }

    package func access(for accountID: String) -> AccountAccess? {
        accesses.withLock { $0[accountID] }
    }

    package var ownBaseURLs: [String: Int] { accesses.withLock { $0.values.map(\.own) }.ownBaseURLs }

    package func readAgain() { watch.withLock { $0.readsAgain = true } }

    package func run() async {
        do {
            while true {
                try await pause()
                try Task.checkCancellation()
                refresh()
            }
        } catch {
            // Cancelled: the tokens stay as they are.
        }
    }

    /// Looks once and takes over what has changed. Runs one at a time.
    func refresh() {
        // Taken before reading: what changes while it is read is a change the next time.
        let fingerprint = place.fingerprint()
        let isDue = watch.withLock { watch in
            let hasChanged = fingerprint != watch.fingerprint
            let isDue = hasChanged || watch.readsAgain
            watch.readsAgain = hasChanged
            watch.fingerprint = fingerprint
            return isDue
        }
        guard isDue else {
            return
        }
        do throws(TokenPlaceError) {
            let reading = try place.read()
            take(reading)
            report(reading.problems)
        } catch {
            report(["\(error); the tokens stay as they were"])
        }
    }

    private func take(_ reading: TokenReading) {
        // Nobody else changes them. Calls ask for a token all the time, and what takes long with many accounts, to compare
        // them and to free the old ones, is done while nobody waits for the lock.
        let before = accesses.withLock { $0 }
        var now = reading.accesses
        for id in reading.keeping where now[id] == nil { now[id] = before[id] }
        let changed = now.filter { before[$0.key] != $0.value }.map(\.key).sorted()
        withExtendedLifetime(before) { accesses.withLock { $0 = now } }
        guard !changed.isEmpty else {
            return
        }
        logger.info("access tokens have changed", metadata: ["accounts": "\(changed.count)", "place": "\(place.name)"])
        for start in stride(from: 0, to: changed.count, by: Self.largestAnnouncement) {
            announcements.yield(Array(changed[start...].prefix(Self.largestAnnouncement)))
        }
    }

    /// Says what was not said before, and when all is well again.
    private func report(_ problems: [String]) {
        let now = Set(problems)
        let (news, isOver) = watch.withLock { watch in
            let news = problems.filter { !watch.reported.contains($0) }
            let isOver = now.isEmpty && !watch.reported.isEmpty
            watch.reported = now
            return (news, isOver)
        }
        for problem in news {
            logger.warning("\(problem)")
        }
        if isOver {
            logger.notice("all access tokens can be read again", metadata: ["place": "\(place.name)"])
        }
    }
}

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
