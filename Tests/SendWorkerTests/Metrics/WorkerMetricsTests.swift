import InstagramMessaging
import SendEngine
import Telemetry
import Testing

@testable import SendWorker

@Suite("Worker metrics")
struct WorkerMetricsTests {
    private func result(_ status: SendResult.Status, _ category: ErrorCategory?, milliseconds: Int64) -> SendResult {
        SendResult(
            requestID: "secret-request",
            accountID: "17841400000000000",
            recipientID: "5",
            status: status,
            attempts: 1,
            possibleDuplicate: false,
            error: category.map { SendError(category: $0, message: "m") },
            receivedAt: Timestamp(millisecondsSinceEpoch: 1000),
            completedAt: Timestamp(millisecondsSinceEpoch: 1000 + milliseconds),
            source: SendResult.Source(topic: "t", partition: 0, offset: 0),
            context: nil
        )
    }

    @Test("requests are counted by kind, bad ones as invalid, unkeyed ones apart")
    func received() throws {
        let metrics = try WorkerMetrics()
        let counts = LoopCounts(metrics)
        counts.received(kind: .text, isKeyed: true)
        counts.received(kind: .text, isKeyed: false)
        counts.received(kind: nil, isKeyed: true)
        let name = "send_worker_requests_received_total"
        #expect(metrics.registry.value(of: name, labels: [("kind", "text")]) == 2)
        #expect(metrics.registry.value(of: name, labels: [("kind", "invalid")]) == 1)
        #expect(metrics.registry.value(of: name, labels: [("kind", "video")]) == 0)
        #expect(metrics.registry.value(of: "send_worker_unkeyed_requests_total") == 1)
    }

    @Test("every status and category has its series from the start and counts its results")
    func results() throws {
        let metrics = try WorkerMetrics()
        let counts = LoopCounts(metrics)
        counts.ended(result(.sent, nil, milliseconds: 5))
        for status in SendResult.Status.allCases where status != .sent {
            for category in ErrorCategory.allCases { counts.ended(result(status, category, milliseconds: 5)) }
        }
        let name = "send_worker_results_total"
        #expect(metrics.registry.value(of: name, labels: [("status", "sent"), ("category", "none")]) == 1)
        for status in SendResult.Status.allCases where status != .sent {
            for category in ErrorCategory.allCases {
                let labels = [("status", status.rawValue), ("category", category.rawValue)]
                #expect(metrics.registry.value(of: name, labels: labels) == 1)
            }
        }
        let latency = "send_worker_request_latency_seconds"
        #expect(metrics.registry.value(of: latency, labels: [("status", "sent")]) == 1)
    }

    @Test(
        "the latency of a request is not counted where its timestamp cannot be true",
        arguments: [
            -1, 0, 1, 1_800_000_000, 1_800_000_000_000 - 31 * 86_400_000, 1_800_000_000_000 + 3_600_000,
        ] as [Int64]
    )
    func implausibleTimestamps(received: Int64) throws {
        let metrics = try WorkerMetrics()
        let counts = LoopCounts(metrics)
        var result = result(.sent, nil, milliseconds: 5)
        result.receivedAt = Timestamp(millisecondsSinceEpoch: received)
        result.completedAt = Timestamp(millisecondsSinceEpoch: 1_800_000_000_000)
        counts.ended(result)
        let latency = "send_worker_request_latency_seconds"
        #expect(metrics.registry.value(of: latency, labels: [("status", "sent")]) == 0)
        var history = RecentHistory(origin: 0)
        history.record(result, at: 1)
        #expect(history.buckets(at: 1).last?.requestLatency.count == 0)
        result.receivedAt = Timestamp(millisecondsSinceEpoch: 1_800_000_000_000 + 500)
        counts.ended(result)
        #expect(
            metrics.registry.value(of: latency, labels: [("status", "sent")]) == 1,
            "a clock that is a little ahead"
        )
    }

    @Test("a restore is timed, and what it took over and ignored is counted by cause")
    func restores() throws {
        let metrics = try WorkerMetrics()
        metrics.restored(accounts: 3, ignored: [.foreign: 2, .baseMismatch: 1], nanoseconds: 50_000_000)
        metrics.restored(accounts: 0, ignored: [:], nanoseconds: 1)
        #expect(metrics.registry.value(of: "send_worker_restored_accounts_total") == 3)
        #expect(metrics.registry.value(of: "send_worker_restore_seconds") == 2)
        let name = "send_worker_ignored_state_total"
        #expect(metrics.registry.value(of: name, labels: [("cause", "foreign_key")]) == 2)
        #expect(metrics.registry.value(of: name, labels: [("cause", "base_mismatch")]) == 1)
        for cause in IgnoredState.allCases {
            #expect(metrics.registry.value(of: name, labels: [("cause", cause.rawValue)]) != nil)
        }
    }

    @Test("durations are exposed in seconds, and a clock that jumped back counts as none")
    func seconds() throws {
        let metrics = try WorkerMetrics()
        let counts = LoopCounts(metrics)
        counts.ended(result(.sent, nil, milliseconds: 1500))
        counts.ended(result(.expired, .expired, milliseconds: -1500))
        counts.callEnded(CallOutcome(outcomeClass: .delivered, error: nil), nanoseconds: 250_000_000)
        let text = metrics.registry.renderText()
        #expect(text.contains(#"send_worker_request_latency_seconds_sum{status="sent"} 1.5"#))
        #expect(text.contains(#"send_worker_request_latency_seconds_sum{status="expired"} 0"#))
        #expect(text.contains("send_worker_call_duration_seconds_sum 0.25"))
    }

    @Test("calls are counted by outcome; one that was never started has no duration")
    func calls() throws {
        let metrics = try WorkerMetrics()
        let counts = LoopCounts(metrics)
        for outcomeClass in OutcomeClass.allCases {
            counts.callEnded(CallOutcome(outcomeClass: outcomeClass, error: nil), nanoseconds: 1)
        }
        counts.callEnded(.missingToken(accountID: "1"), nanoseconds: 1)
        let name = "send_worker_calls_total"
        #expect(metrics.registry.value(of: name, labels: [("outcome", "not_sent")]) == 1)
        #expect(metrics.registry.value(of: name, labels: [("outcome", "token_dead")]) == 2)
        let started = Double(OutcomeClass.allCases.count)
        #expect(metrics.registry.value(of: "send_worker_call_duration_seconds") == started)
    }

    @Test("commits, late outcomes, load and the brokers have their metrics")
    func state() throws {
        let metrics = try WorkerMetrics()
        let counts = LoopCounts(metrics)
        for end in CommitEnd.allCases { counts.committed(results: 30, nanoseconds: 1_000_000, end: end) }
        var census = EngineCensus()
        census.totals.lateOutcomes = 3
        census.totals.limitWaits[.worker] = 7
        census.safety.state = .probing
        census.safety.pauses = 2
        census.safety.failing = 8
        census.safety.active = 9
        metrics.show(census)
        metrics.show(census)
        metrics.setLoad(inFlight: 4, waiting: 5, pending: 6)
        metrics.setBrokerUp(true)
        let value = { (name: String) in metrics.registry.value(of: "send_worker_" + name) }
        #expect(value("commit_duration_seconds") == 4)
        #expect(value("commit_results") == 4)
        #expect(value("commit_failures_total") == 2)
        for end in CommitEnd.allCases {
            let labels = [("outcome", end.rawValue)]
            #expect(metrics.registry.value(of: "send_worker_commits_total", labels: labels) == 1)
        }
        #expect(value("late_outcomes_dropped_total") == 3)
        let labelled = { (name: String, label: String, text: String) in
            metrics.registry.value(of: "send_worker_" + name, labels: [(label, text)])
        }
        #expect(labelled("limit_waits_total", "limit", "worker") == 7)
        #expect(labelled("limit_waits_total", "limit", "messages_per_second") == 0)
        #expect(value("sending_paused") == 1)
        #expect(value("sending_pauses_total") == 2)
        #expect(labelled("safety_accounts", "state", "failing") == 8)
        #expect(labelled("safety_accounts", "state", "active") == 9)
        #expect(value("calls_in_flight") == 4)
        #expect(value("requests_waiting") == 5)
        #expect(value("records_held") == 6)
        #expect(value("broker_up") == 1)
        metrics.setBrokerUp(false)
        #expect(value("broker_up") == 0)
    }

    @Test("partitions that are given up vanish, and come back when they are assigned again")
    func outstanding() throws {
        let metrics = try WorkerMetrics()
        let value = { (partition: String) in
            metrics.registry.value(of: "send_worker_requests_outstanding", labels: [("partition", partition)])
        }
        metrics.setOutstanding([0: 7, 1: 8], committed: [:])
        metrics.setOutstanding([1: 9], committed: [:])
        #expect(value("0") == nil)
        #expect(value("1") == 9)
        metrics.setOutstanding([0: 1], committed: [:])
        #expect(value("0") == 1)
        #expect(value("1") == nil)
    }

    @Test("a result tells how many calls it took and whether it may be a duplicate")
    func attempts() throws {
        let metrics = try WorkerMetrics()
        let counts = LoopCounts(metrics)
        var doubtful = result(.sent, nil, milliseconds: 1)
        doubtful.possibleDuplicate = true
        doubtful.attempts = 3
        counts.ended(doubtful)
        counts.ended(result(.sent, nil, milliseconds: 1))
        #expect(metrics.registry.value(of: "send_worker_possible_duplicates_total") == 1)
        let text = metrics.registry.renderText()
        #expect(text.contains(#"send_worker_result_attempts_bucket{le="1"} 1"#))
        #expect(text.contains(#"send_worker_result_attempts_bucket{le="3"} 2"#))
    }

    @Test("accounts are shown by why they wait, and the endpoint by its one state")
    func census() throws {
        let metrics = try WorkerMetrics()
        var census = EngineCensus()
        (census.accounts.ready, census.accounts.limited, census.accounts.cooling) = (1, 2, 3)
        (census.accounts.held, census.accounts.stopped, census.accounts.parked) = (4, 5, 6)
        census.accounts.total = 30
        census.endpoint = .down
        census.isApplicationCooling = true
        metrics.show(census)
        let states = ["ready", "limited", "throttled", "held", "stopped", "token_dead"]
        for (state, count) in zip(states, 1...) {
            let shown = metrics.registry.value(of: "send_worker_accounts", labels: [("state", state)])
            #expect(shown == Double(count), "\(state)")
        }
        #expect(metrics.registry.value(of: "send_worker_accounts_known") == 30)
        for (state, shown) in [("up", 0.0), ("recovering", 0), ("down", 1)] {
            let labels = [("state", state)]
            #expect(metrics.registry.value(of: "send_worker_endpoint_state", labels: labels) == shown, "\(state)")
        }
        #expect(metrics.registry.value(of: "send_worker_application_throttled") == 1)
    }

    @Test("what the engine counts since its start grows by the difference, and begins anew with a new source")
    func totals() throws {
        let metrics = try WorkerMetrics()
        var census = EngineCensus()
        for total in [5, 5, 7, 2] {
            census.totals.retries = total
            metrics.show(census)
        }
        #expect(metrics.registry.value(of: "send_worker_retries_total") == 9)
    }

    @Test("the process's CPU time, memory and descriptors are read from the system")
    func process() throws {
        let metrics = try WorkerMetrics()
        metrics.readProcess()
        #expect(try #require(metrics.registry.value(of: "process_cpu_seconds_total")) > 0)
        #if os(Linux)
        #expect(try #require(metrics.registry.value(of: "process_resident_memory_bytes")) > 1_000_000)
        let open = try #require(metrics.registry.value(of: "process_open_fds"))
        #expect((3..<100_000).contains(open))
        #expect(try #require(metrics.registry.value(of: "process_threads")) >= 1)
        #endif
    }

    @Test("every series has a help text, and no label names an account or a request")
    func declarations() throws {
        let metrics = try WorkerMetrics()
        let counts = LoopCounts(metrics)
        counts.ended(result(.sent, nil, milliseconds: 1))
        metrics.setOutstanding([0: 1], committed: [0: 1])
        metrics.show(statistics: StatisticsSample.json, of: .consumer, topic: StatisticsSample.topic)
        metrics.readProcess()
        let text = metrics.registry.renderText()
        let shown = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.map { $0.split(separator: " ")[2] }
        for name in shown { #expect(text.contains("# HELP \(name) "), "\(name)") }
        #if os(Linux)
        #expect(Set(shown.map(String.init)) == Set(WorkerMetrics.all.map(\.name)))
        #endif
        #expect(metrics.registry.problems.isEmpty)
        #expect(!text.contains("secret-request"))
        #expect(!text.contains("17841400000000000"))
    }
}
