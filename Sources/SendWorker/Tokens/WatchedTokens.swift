import Synchronization
internal import Telemetry

/// Tokens from a file or a directory, read again when it changes.
///
/// The place is looked at in intervals rather than watched for events: those are not told across mounts.
package final class WatchedTokens: TokenSource {
    package let changes: AsyncStream<[String]>

    private let place: any TokenPlace
    private let accesses: Mutex<[String: AccountAccess]>
    private let watch: Mutex<Watch>
    private let announcements: AsyncStream<[String]>.Continuation
    private let pause: @Sendable () async throws -> Void
    private let logger: Logger

    /// What was there the last time.
    private struct Watch {
        var fingerprint: [String: FileFingerprint]?
        /// True if the last look found a change. The next one then reads whatever the fingerprint says: a second change
        /// within one tick of the file system's clock leaves no trace in it.
        var readsAgain = true
        /// The problems that have been said and are not over.
        var said: Set<String> = []
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
        let read = reading.accesses
        let changed = accesses.withLock { accesses in
            let kept = accesses.filter { reading.keeping.contains($0.key) }
            let now = kept.merging(read) { _, read in read }
            let changed = now.filter { accesses[$0.key] != $0.value }.map(\.key).sorted()
            accesses = now
            return changed
        }
        guard !changed.isEmpty else {
            return
        }
        logger.info("access tokens have changed", metadata: ["accounts": "\(changed.count)", "place": "\(place.name)"])
        announcements.yield(changed)
    }

    /// Says what was not said before, and when all is well again.
    private func report(_ problems: [String]) {
        let now = Set(problems)
        let (news, isOver) = watch.withLock { watch in
            let news = problems.filter { !watch.said.contains($0) }
            let isOver = now.isEmpty && !watch.said.isEmpty
            watch.said = now
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
