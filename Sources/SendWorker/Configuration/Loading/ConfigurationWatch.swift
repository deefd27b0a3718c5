import Synchronization
package import Telemetry

/// The configuration of a running worker, read again when its file changes or somebody asks for it.
///
/// Limits and the log level are taken over at once; whatever else has changed is named and waits for a restart. What is
/// wrong is refused as a whole, and the values stay as they were.
package final class ConfigurationWatch: Sendable {
    /// The end of a reading.
    package enum Outcome: String, Sendable, Hashable, CaseIterable {
        /// Other values are in force now.
        case applied
        /// Nothing that a running worker can take over is different.
        case unchanged
        /// It cannot be read, or something in it is wrong.
        case refused
    }

    /// The findings of one look.
    struct News: Sendable, Hashable {
        var outcome: Outcome
        /// The configuration in force now.
        var effective: WorkerConfiguration
    }

    private let places: ConfigurationPlaces
    private let threshold: LogThreshold?
    private let logger: Logger
    private let pause: @Sendable () async throws -> Void
    private let state: Mutex<State>

    private struct State {
        /// The configuration in force.
        var effective: WorkerConfiguration
        /// The last configuration read, or why it was refused.
        var lastReading: Result<WorkerConfiguration, ConfigurationError>
        /// The file as it was when it was read, and as it was at the last look.
        var read: FileFingerprint?
        var seen: FileFingerprint?
        var isAsked = false
        /// The changes that wait for a restart and have been logged.
        var waiting: [ConfigurationChange] = []
        var warnings: [String]
    }

    /// - Parameters:
    ///   - loaded: What the worker was started with.
    ///   - places: Where that was read.
    ///   - threshold: Takes a changed `log.level`.
    ///   - pause: Waits until the next look at the file; throws when cancelled.
    package init(
        _ loaded: LoadedConfiguration,
        from places: ConfigurationPlaces,
        threshold: LogThreshold? = nil,
        logger: Logger,
        pause: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: TokenSources.interval) }
    ) {
        self.places = places
        self.threshold = threshold
        self.logger = logger
        self.pause = pause
        state = Mutex(
            State(
                effective: loaded.configuration,
                lastReading: .success(loaded.configuration),
                warnings: loaded.warnings
            )
        )
    }

    /// Asks for a reading at the next look, whether or not the file has changed. From any thread.
    package func reload() {
        state.withLock { $0.isAsked = true }
    }

    /// Looks again and again until the task is cancelled.
    func run(_ take: @Sendable (News) -> Void) async {
        do {
            while true {
                try await pause()
                try Task.checkCancellation()
                if let news = look() { take(news) }
            }
        } catch {
            // Cancelled: the values stay as they are.
        }
    }

    /// Looks once; nil where there is nothing to read again, or it says what it said before. Runs one at a time.
    func look() -> News? {
        let (isDue, isAsked) = takeDue()
        guard isDue || isAsked else { return nil }
        let reading: Result<LoadedConfiguration, ConfigurationError>
        do throws(ConfigurationError) {
            reading = .success(try places.load())
        } catch {
            reading = .failure(error)
        }
        let isNew = state.withLock { state in
            defer { state.lastReading = reading.map(\.configuration) }
            return state.lastReading != reading.map(\.configuration)
        }
        guard isNew || isAsked else { return nil }
        switch reading {
        case .success(let loaded): return take(loaded)
        case .failure(let error): return refuse(error)
        }
    }

    /// Whether the file is to be read now, and whether that was asked for.
    ///
    /// A file that has changed is read when it has stayed the same for one look: half of a file that is being written may
    /// be a valid one with keys missing.
    private func takeDue() -> (isDue: Bool, isAsked: Bool) {
        let now = places.file.flatMap { FileFingerprint(path: $0) }
        return state.withLock { state in
            let isAsked = state.isAsked
            let isDue = places.file != nil && now != state.read && now == state.seen
            state.isAsked = false
            state.seen = now
            if isDue || isAsked { state.read = now }
            return (isDue, isAsked)
        }
    }

    private func refuse(_ error: ConfigurationError) -> News {
        for problem in error.problems { logger.error("\(problem)") }
        logger.error(
            "the changed configuration is refused, all values stay as they were; correct it, it is read again then"
        )
        return News(outcome: .refused, effective: state.withLock(\.effective))
    }

    private func take(_ loaded: LoadedConfiguration) -> News {
        let new = loaded.configuration
        let (changes, effective, newWaiting, newWarnings) = state.withLock { state in
            let all = ConfigurationChange.between(state.effective, new)
            let waiting = all.filter(\.needsRestart)
            let newWaiting = waiting == state.waiting ? [] : waiting
            let newWarnings = loaded.warnings.filter { !state.warnings.contains($0) }
            state.waiting = waiting
            state.warnings = loaded.warnings
            state.effective.limits = new.limits
            state.effective.log.level = new.log.level
            return (all.filter { !$0.needsRestart }, state.effective, newWaiting, newWarnings)
        }
        threshold?.level = effective.log.level
        for warning in newWarnings { logger.warning("\(warning)") }
        if !newWaiting.isEmpty {
            logger.warning(
                "changed keys that take effect only after a restart",
                metadata: ["keys": "\(Self.listed(newWaiting))"]
            )
        }
        guard !changes.isEmpty else {
            logger.info("the configuration was read again: nothing that can be changed now is different")
            return News(outcome: .unchanged, effective: effective)
        }
        logger.notice("the configuration has changed", metadata: ["changes": "\(Self.listed(changes))"])
        return News(outcome: .applied, effective: effective)
    }

    /// So many changes are named in one line.
    private static let mostListed = 30

    private static func listed(_ changes: [ConfigurationChange]) -> String {
        let more = changes.count - mostListed
        return changes.prefix(mostListed).map(\.description).joined(separator: "; ")
            + (more > 0 ? "; and \(more) more" : "")
    }
}

/// A key that has another value than before, the way values are shown: secrets are hidden.
struct ConfigurationChange: Sendable, Hashable, CustomStringConvertible {
    let key: String
    let old: String
    let new: String

    var description: String { "\(key): \(old) -> \(new)" }

    /// Whether a running worker can take the key's new value over.
    var needsRestart: Bool { !key.hasPrefix("limits.") && key != "log.level" }

    /// Every key that differs, in the order of the report.
    static func between(_ old: WorkerConfiguration, _ new: WorkerConfiguration) -> [ConfigurationChange] {
        (ConfigurationKey.all + familyKeys(of: old, new)).compactMap { key in
            guard key.differs(old, new) else { return nil }
            return ConfigurationChange(key: key.name, old: shown(key.show(old), key), new: shown(key.show(new), key))
        }
    }

    private static func familyKeys(
        of configurations: WorkerConfiguration...
    ) -> [ConfigurationKey] {
        var names: Set<String> = []
        for configuration in configurations {
            names.formUnion(configuration.kafka.properties.keys.map { "kafka.properties.\($0)" })
            for accountID in configuration.limits.accounts.keys {
                names.formUnion(ConfigurationFamily.limitNames.map { "limits.accounts.\(accountID).\($0)" })
            }
        }
        return names.sorted().compactMap { try? ConfigurationFamily.of($0)?.key($0).get() }
    }

    private static func shown(_ value: String?, _ key: ConfigurationKey) -> String {
        guard let value else { return "none" }
        return key.isSecret ? "<redacted>" : value.printable
    }
}
