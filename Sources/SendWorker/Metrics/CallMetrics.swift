import InstagramMessaging
import SendEngine
import Telemetry

/// Calls to Graph, and Graph as a whole.
struct CallMetrics: Sendable {
    static let calls = MetricDeclaration.counter(
        "send_worker_calls_total",
        labels: ["outcome"],
        "HTTP calls that ended, by what their end means; not_sent also counts attempts that ended before a connection was made."
    )
    static let duration = MetricDeclaration.histogram(
        "send_worker_call_duration_seconds",
        unit: .seconds,
        "Time from the start of an HTTP call to its end."
    )
    static let inFlight = MetricDeclaration.gauge("send_worker_calls_in_flight", "HTTP calls that run now.")
    static let retries = MetricDeclaration.counter("send_worker_retries_total", "Retries scheduled.")
    static let lateOutcomes = MetricDeclaration.counter(
        "send_worker_late_outcomes_dropped_total",
        "Outcomes that came after their partition was given up."
    )
    static let unknownOnReused = MetricDeclaration.counter(
        "send_worker_unknown_on_reused_connection_total",
        "Calls without an answer on a connection that had carried others, which the server may just have given up."
    )
    static let otherRecipient = MetricDeclaration.counter(
        "send_worker_answers_for_other_recipient_total",
        labels: ["meaning"],
        """
        Successes that name another person than the one asked for: out_of_step on a connection that had carried others (the \
        call is unknown, the connection closed), taken as they are on a connection's first call.
        """
    )
    static let otherVersion = MetricDeclaration.counter(
        "send_worker_answers_of_other_version_total",
        "Answers of another version of the Graph API than graph.version, as their header facebook-api-version says."
    )
    static let suspended = MetricDeclaration.gauge(
        "send_worker_calls_suspended",
        "1 while no call is started because commits fail, else 0."
    )
    static let endpoint = MetricDeclaration.gauge(
        "send_worker_endpoint_state",
        labels: ["state"],
        "1 for the state that Graph as a whole is in, 0 for the others."
    )
    static let applicationThrottled = MetricDeclaration.gauge(
        "send_worker_application_throttled",
        "1 while no call is started because the whole application was throttled, else 0."
    )

    static let all = [
        calls, duration, inFlight, retries, lateOutcomes, unknownOnReused, otherRecipient, otherVersion, suspended,
        endpoint,
        applicationThrottled,
    ]

    let inFlight: Gauge
    private let retries: RunningTotal
    private let lateOutcomes: RunningTotal
    private let unknownOnReused: Counter
    private let outOfStep: Counter
    private let takenAsItIs: Counter
    private let otherVersion: Counter
    private let suspended: Gauge
    private let endpoint: [EngineCensus.Endpoint: Gauge]
    private let applicationThrottled: Gauge

    init(_ registry: MetricsRegistry) {
        inFlight = registry.gauge(Self.inFlight)
        retries = registry.total(Self.retries)
        lateOutcomes = registry.total(Self.lateOutcomes)
        unknownOnReused = registry.counter(Self.unknownOnReused)
        outOfStep = registry.counter(Self.otherRecipient, "out_of_step")
        takenAsItIs = registry.counter(Self.otherRecipient, "taken")
        otherVersion = registry.counter(Self.otherVersion)
        suspended = registry.gauge(Self.suspended)
        endpoint = registry.gauges(Self.endpoint)
        applicationThrottled = registry.gauge(Self.applicationThrottled)
        endpoint[.up]?.record(1)
    }

    func note(_ oddity: AnswerOddity) {
        switch oddity {
        case .unknownOnReusedConnection: unknownOnReused.increment()
        case .otherRecipient(_, let isOutOfStep): (isOutOfStep ? outOfStep : takenAsItIs).increment()
        case .otherVersion: otherVersion.increment()
        }
    }

    func suspend(_ isSuspended: Bool) { suspended.record(isSuspended ? 1 : 0) }

    func show(_ census: EngineCensus) {
        retries.reach(census.totals.retries)
        lateOutcomes.reach(census.totals.lateOutcomes)
        for (state, gauge) in endpoint { gauge.record(state == census.endpoint ? 1 : 0) }
        applicationThrottled.record(census.isApplicationCooling ? 1 : 0)
    }
}

/// The counts of calls that one owner keeps.
struct CallCounts {
    private let calls: LabelTable<OutcomeClass, OwnedCounter>
    private let duration: OwnedHistogram

    init(_ registry: MetricsRegistry) {
        calls = registry.ownedCounters(CallMetrics.calls)
        duration = registry.histogram(CallMetrics.duration).makeOwned()
    }

    func end(_ outcome: CallOutcome, nanoseconds: Int64) {
        calls[outcome.outcomeClass]?.increment()
        if outcome.wasStarted { duration.recordNanoseconds(max(nanoseconds, 0)) }
    }
}
