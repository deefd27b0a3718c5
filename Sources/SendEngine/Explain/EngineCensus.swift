package import InstagramMessaging

/// The counts of what the engine holds; every number is kept as things change, so that reading it costs nothing.
package struct EngineCensus: Sendable, Hashable {
    /// Accounts that have requests, by why they wait.
    package struct Accounts: Sendable, Hashable {
        /// All that the engine remembers, with or without requests.
        package var total = 0
        /// Could call, or wait for a turn only.
        package var ready = 0
        /// Wait for a rate limit, or for the first window after a takeover.
        package var limited = 0
        /// Cooled after a throttle or because of high usage.
        package var cooling = 0
        /// Blocked by the platform for policy reasons.
        package var held = 0
        /// Without permission.
        package var stopped = 0
        /// Without a usable token.
        package var parked = 0

        package init() {}
    }

    /// Whether Graph as a whole takes calls.
    package enum Endpoint: String, Sendable, Hashable, CaseIterable {
        case up
        /// Came back a moment ago; calls are let through in growing numbers.
        case recovering
        case down
    }

    /// Whether calls are made, or stopped because too many accounts fail.
    package struct Safety: Sendable, Hashable {
        package enum State: String, Sendable, Hashable, CaseIterable {
            case sending
            /// No call is made before the next probe.
            case paused
            /// A probe runs, or was delivered and others have to confirm it.
            case probing
        }

        package var state = State.sending
        /// The moment at which calls were stopped, on the wall clock; nil while they are made.
        package var since: Timestamp?
        /// Accounts that cannot send, of those that were active within the window; as it was when calls were stopped.
        package var failing = 0
        package var active = 0
        /// The error that most of them failed with; nil while calls are made.
        package var error: SendError?
        package var accountsWithError = 0
        /// The number of times that calls were stopped, since the start.
        package var pauses = 0
        /// The share of active accounts that have to fail.
        package var threshold = 0.0
        /// For how long a call's end counts.
        package var window = Duration.zero

        package init() {}
    }

    /// Requests read and not ended that have no call running.
    package var waiting = 0
    /// Calls running, those of partitions that were given up included.
    package var inFlight = 0
    /// Messages that are called, or ended and not durable: what a sudden death could double.
    package var inDoubt = 0
    /// Requests being checked before their call.
    package var preparing = 0
    /// Requests whose call waits for a commit: `at_most_once` ones for their mark, private replies for their count.
    package var awaitingMark = 0
    /// Requests that ended and are not committed yet.
    package var finished = 0
    package var partitions = 0
    package var pausedPartitions = 0
    package var accounts = Accounts()
    package var endpoint = Endpoint.up
    package var safety = Safety()
    /// The whole application is cooled after an application-wide throttle.
    package var isApplicationCooling = false
    package var totals = EngineTotals()

    package init() {}
}

/// The counts since the start of what the engine has done.
package struct EngineTotals: Sendable, Hashable {
    /// The number of times that something had to begin to wait for a limit.
    package struct LimitWaits: Sendable, Hashable {
        private var messages = 0
        private var media = 0
        private var privateReplies = 0
        private var conversation = 0
        private var worker = 0

        package init() {}

        package subscript(limit: LimitName) -> Int {
            get {
                switch limit {
                case .messagesPerSecond: messages
                case .mediaPerSecond: media
                case .privateRepliesPerHour: privateReplies
                case .conversation: conversation
                case .worker: worker
                }
            }
            set {
                switch limit {
                case .messagesPerSecond: messages = newValue
                case .mediaPerSecond: media = newValue
                case .privateRepliesPerHour: privateReplies = newValue
                case .conversation: conversation = newValue
                case .worker: worker = newValue
                }
            }
        }
    }

    /// Outcomes that came for partitions that were given up.
    package var lateOutcomes = 0
    /// Records that were read again, or that belonged to an assignment that is over.
    package var ignoredRecords = 0
    /// Requests that an earlier owner of the partition had finished.
    package var skippedRecords = 0
    /// Retries scheduled.
    package var retries = 0
    package var limitWaits = LimitWaits()

    package init() {}
}
