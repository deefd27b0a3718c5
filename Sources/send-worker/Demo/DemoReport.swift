import GraphSimulator
import InstagramMessaging

/// The account that the demo renders: every request by what became of it, checked against what must become of it.
struct DemoReport {
    let traffic: SampleTraffic
    let counts: DemoTally.Counts
    let deadLetters: Int
    let summary: SimulatorSummary
    let conversations: [ConversationLog]
    let seconds: Double

    /// All that does not add up, a line each; empty when the account balances.
    var discrepancies: [String] {
        var lines = resultDiscrepancies
        let unsent = counts.results.count { $0.status != .sent }
        if deadLetters != unsent {
            lines.append("\(deadLetters) dead letters for \(unsent) requests that were not sent")
        }
        if summary.duplicateMessages > 0 {
            lines.append("\(summary.duplicateMessages) messages reached a person twice")
        }
        if orderBreaches > 0 { lines.append("\(orderBreaches) messages overtook an earlier one of their conversation") }
        if summary.throttledByLimit > 0 {
            lines.append("\(summary.throttledByLimit) calls went over an account's documented rate limit")
        }
        return lines
    }

    private var resultDiscrepancies: [String] {
        let bySource = Dictionary(grouping: counts.results) { "\($0.source.partition)/\($0.source.offset)" }
        var lines: [String] = []
        let repeated = bySource.values.count { $0.count > 1 }
        if repeated > 0 { lines.append("\(repeated) requests have more than one result") }
        if bySource.count != traffic.requests.count {
            lines.append("\(bySource.count) requests have a result, \(traffic.requests.count) were published")
        }
        if counts.undecodable > 0 { lines.append("\(counts.undecodable) results cannot be read") }
        for status in SendResult.Status.allCases {
            let expected = traffic.requests.count { $0.expected == status }
            let actual = counts.byStatus[status] ?? 0
            if expected != actual { lines.append("\(actual) requests ended as \(status.rawValue), \(expected) had to") }
        }
        return lines
    }

    /// The number of accepted messages that came after one of the same conversation that was requested later.
    var orderBreaches: Int {
        let position = Dictionary(
            traffic.requests.enumerated().map { ($1.requestID, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        return conversations.reduce(0) { breaches, conversation in
            let order = conversation.accepted.compactMap { call in
                call.marker.flatMap(Self.requestID).flatMap { position[$0] }
            }
            return breaches + zip(order, order.dropFirst()).count { $0 > $1 }
        }
    }

    /// The request's id within a marker: `demo-` and four digits.
    private static func requestID(in marker: String) -> String? {
        guard let range = marker.firstRange(of: /demo-[0-9]{4}/) else { return nil }
        return String(marker[range])
    }

    /// The time from a record's Kafka timestamp to its terminal status, sorted.
    private var latencies: [Int64] {
        counts.results.map { $0.completedAt.millisecondsSinceEpoch - $0.receivedAt.millisecondsSinceEpoch }.sorted()
    }

    private func latency(at share: Double) -> Int64 {
        let sorted = latencies
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(Int(Double(sorted.count) * share), sorted.count - 1)]
    }

    /// The report as it is printed.
    var text: String {
        let statuses = SendResult.Status.allCases.map { "\($0.rawValue) \(counts.byStatus[$0] ?? 0)" }
        let fastest = summary.rates.map(\.mostPerSecond).max() ?? 0
        let balance = discrepancies
        var lines = [
            "",
            "Requests      \(traffic.requests.count) published over \(SampleTraffic.accountCount) accounts",
            "Results       \(counts.results.count): \(statuses.joined(separator: ", "))",
            "Dead letters  \(deadLetters)",
            "Calls         \(summary.calls) at the endpoint; \(counts.attempts) in results, \(counts.retries) of them retries",
            "Faults        \(Self.list(summary.faults))",
            "Duplicates    \(summary.duplicateMessages)",
            "Out of order  \(orderBreaches)",
            "Rate          at most \(fastest) calls in any second for one account (limit 100), \(summary.throttledByLimit) over",
            "Latency       p50 \(latency(at: 0.5)) ms, p95 \(latency(at: 0.95)) ms, longest \(latency(at: 1)) ms",
            "Took          \(Self.rounded(seconds)) s",
            "",
        ]
        lines +=
            balance.isEmpty
            ? ["The account balances."] : ["The account does not balance:"] + balance.map { "  - \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func list(_ counts: [String: Int]) -> String {
        counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }

    private static func rounded(_ seconds: Double) -> String { "\((seconds * 10).rounded() / 10)" }

    /// The commands that a new user may want next.
    static let nextSteps = """

        Next:
          send-worker validate FILE                  check your own requests, no network needed
          send-worker config                         every setting with its meaning
          send-worker topics create                  create the topics on your Kafka
          send-worker run --config send-worker.yaml  run the worker

        """
}
