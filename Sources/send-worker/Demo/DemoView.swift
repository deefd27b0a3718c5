import GraphSimulator
import InstagramMessaging
import SendEngine
import SendWorker
import Synchronization

/// Shows the demo's progress while it runs: redrawn in place for a person, a line a second otherwise.
struct DemoView: Sendable {
    private static let lineCount = 5

    private let traffic: SampleTraffic
    private let tally: DemoTally
    private let simulator: GraphSimulator
    /// The address of the worker's status page; nil until it is served.
    private let statusPage: @Sendable () -> String?
    private let started: ContinuousClock.Instant
    private let isInteractive = Terminal.isInteractive

    init(
        traffic: SampleTraffic,
        tally: DemoTally,
        simulator: GraphSimulator,
        statusPage: @escaping @Sendable () -> String?,
        started: ContinuousClock.Instant
    ) {
        self.traffic = traffic
        self.tally = tally
        self.simulator = simulator
        self.statusPage = statusPage
        self.started = started
    }

    /// Shows progress until the task is cancelled.
    func run() async throws {
        try Terminal.write(
            "Embedded broker, endpoint simulator and worker are starting; the first group join takes 3 s.\n"
        )
        try begin(statusPage: await servedStatusPage())
        let pause = isInteractive ? Duration.milliseconds(100) : .seconds(1)
        while !Task.isCancelled {
            try show()
            await Self.wait(pause)
        }
    }

    private func begin(statusPage: String?) throws {
        if let statusPage { try Terminal.write("Status page while it runs: \(statusPage)\n") }
        if isInteractive { try Terminal.write(String(repeating: "\n", count: Self.lineCount)) }
    }

    /// Returns the status page's address; nil where it is not served within two seconds: the demo goes on without it.
    private func servedStatusPage() async -> String? {
        for _ in 0..<40 where !Task.isCancelled {
            if let page = statusPage() { return page }
            await Self.wait(.milliseconds(50))
        }
        return nil
    }

    /// Waits, or returns at once where the task is cancelled.
    ///
    /// Never inlined: the optimiser of Swift 6.3.1 crashes over the wait within a function that throws.
    @inline(never)
    private static func wait(_ pause: Duration) async {
        try? await Task.sleep(for: pause)
    }

    /// Shows the last state, once all is over.
    func finish() throws {
        try show()
    }

    private func show() throws {
        let counts = tally.counts
        try Terminal.write(isInteractive ? "\u{1b}[\(Self.lineCount)A" + block(counts) : line(counts))
    }

    private var seconds: Double { Double((ContinuousClock.now - started).nanoseconds / 100_000_000) / 10 }

    private func line(_ counts: DemoTally.Counts) -> String {
        let statuses = SendResult.Status.allCases.map { "\($0.rawValue) \(counts.byStatus[$0] ?? 0)" }
        return
            "\(seconds) s  published \(counts.published)  \(statuses.joined(separator: "  "))  retries \(counts.retries)\n"
    }

    private func block(_ counts: DemoTally.Counts) -> String {
        let total = traffic.requests.count
        let width = 40
        let filled = counts.results.count * width / max(total, 1)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let statuses = SendResult.Status.allCases.map { "\($0.rawValue) \(counts.byStatus[$0] ?? 0)" }
        let summary = simulator.summary()
        let lines = [
            "\(bar) \(counts.results.count)/\(total) results   \(seconds) s",
            "published   \(counts.published)",
            "results     \(statuses.joined(separator: "   "))",
            "calls       \(summary.calls) received, \(counts.retries) retries so far",
            "duplicates  \(summary.duplicateMessages)",
        ]
        return lines.map { "\u{1b}[2K\($0)\n" }.joined()
    }
}

/// Counts results as they arrive.
final class DemoTally: Sendable {
    struct Counts: Sendable {
        var results: [SendResult] = []
        var published = 0
        var byStatus: [SendResult.Status: Int] = [:]
        var attempts = 0
        var retries = 0
        var undecodable = 0
    }

    private let state = Mutex(Counts())

    var counts: Counts { state.withLock { $0 } }

    func published(_ count: Int) {
        state.withLock { $0.published += count }
    }

    func add(_ result: SendResult) {
        state.withLock { counts in
            counts.results.append(result)
            counts.byStatus[result.status, default: 0] += 1
            counts.attempts += result.attempts
            counts.retries += max(result.attempts - 1, 0)
        }
    }

    func addUndecodable() {
        state.withLock { $0.undecodable += 1 }
    }
}
