import PrometheusMetrics

/// The names the worker's metrics are exposed under.
enum WorkerMetricName: String, CaseIterable {
    case received = "send_worker_requests_received_total"
    case unkeyed = "send_worker_unkeyed_requests_total"
    case results = "send_worker_results_total"
    case latency = "send_worker_request_latency_seconds"
    case calls = "send_worker_calls_total"
    case callDuration = "send_worker_call_duration_seconds"
    case inFlight = "send_worker_calls_in_flight"
    case waiting = "send_worker_requests_waiting"
    case held = "send_worker_records_held"
    case outstanding = "send_worker_requests_outstanding"
    case commitDuration = "send_worker_commit_duration_seconds"
    case commitSize = "send_worker_commit_results"
    case commitFailures = "send_worker_commit_failures_total"
    case lateOutcomes = "send_worker_late_outcomes_dropped_total"
    case brokerUp = "send_worker_broker_up"
    case restoreDuration = "send_worker_restore_seconds"
    case restoredAccounts = "send_worker_restored_accounts_total"
    case ignoredState = "send_worker_ignored_state_total"

    /// All metrics as the registry needs them.
    static var declarations: [MetricDeclaration] { allCases.map(\.declaration) }

    private var declaration: MetricDeclaration {
        MetricDeclaration(name: rawValue, help: help, type: type, unit: unit, buckets: buckets)
    }

    private var help: String {
        switch self {
        case .received: "Records read from the requests topic, by kind of message."
        case .unkeyed: "Records whose key is missing or is not their account."
        case .results: "Requests that came to their end, by status and error category."
        case .latency: "Time from a request's Kafka timestamp to its end, by status."
        case .calls: "HTTP calls that ended, by what their end means."
        case .callDuration: "Time from the start of an HTTP call to its end."
        case .inFlight: "HTTP calls that run now."
        case .waiting: "Requests that wait for their call."
        case .held: "Records held until their result is durable."
        case .outstanding: "Requests fetched and not finished, by partition."
        case .commitDuration: "Time that a commit took."
        case .commitSize: "Results in one commit."
        case .commitFailures: "Commits that failed."
        case .lateOutcomes: "Outcomes that came after their partition was given up."
        case .brokerUp: "1 while a Kafka broker can be reached, else 0."
        case .restoreDuration: "Time from an assignment to the end of reading its state."
        case .restoredAccounts: "Accounts of which an earlier owner's memory was taken over."
        case .ignoredState: "What was not taken over from the state topic, by cause."
        }
    }

    private var type: MetricType {
        switch self {
        case .received, .unkeyed, .results, .calls, .commitFailures, .lateOutcomes, .restoredAccounts, .ignoredState:
            .counter
        case .latency, .callDuration, .commitDuration, .commitSize, .restoreDuration: .histogram
        case .inFlight, .waiting, .held, .outstanding, .brokerUp: .gauge
        }
    }

    private var unit: MetricUnit? {
        switch self {
        case .latency, .callDuration, .commitDuration, .restoreDuration: .seconds
        default: nil
        }
    }

    private var buckets: [Double]? {
        switch self {
        case .commitSize: [0, 1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000]
        case .latency: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400]
        case .restoreDuration: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]
        default: nil
        }
    }
}
