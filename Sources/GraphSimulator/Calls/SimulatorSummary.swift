package import InstagramMessaging

/// The sums of the call log. Exact over the calls the log still holds: look at ``forgottenCalls``.
package struct SimulatorSummary: Sendable, Hashable {
    /// A message that was accepted more than once: same account, recipient and body. Two requests whose bodies are
    /// equal look the same, so give each request a text of its own.
    package struct Duplicate: Sendable, Hashable {
        package var accountID: String
        package var recipient: String
        package var bodyDigest: UInt128
        package var marker: String?
        /// The number of times that it was accepted, at least 2.
        package var times: Int
    }

    /// The densest window of one account and class.
    package struct Rate: Sendable, Hashable {
        package var accountID: String
        package var rateClass: RateClass
        package var calls: Int
        /// The most calls that arrived in any second (from any moment, the second's end not included).
        package var mostPerSecond: Int
        /// The most calls that arrived in any hour.
        package var mostPerHour: Int
        /// The number of them that were over the simulator's own limit.
        package var throttled: Int
    }

    /// Calls in the log.
    package var calls: Int
    /// Calls the log no longer holds; where this is above 0 the rest of the summary speaks of the newest calls only.
    package var forgottenCalls: UInt64
    /// Messages accepted, sender actions not included.
    package var acceptedMessages: Int
    /// Sender actions accepted.
    package var acceptedSenderActions: Int
    /// Messages accepted beyond the first time: 0 means nobody got anything twice.
    package var duplicateMessages: Int
    /// The messages that were accepted more than once, at most 1,000 of them.
    package var duplicates: [Duplicate]
    /// Sender actions accepted beyond the first time. They are idempotent: nobody sees a difference.
    package var repeatedSenderActions: Int
    /// Calls that arrived when their account had made too many, whatever was answered.
    package var throttledByLimit: Int
    /// Calls by answer: an HTTP status, or `closed`.
    package var answers: [String: Int]
    /// Calls by error code and subcode answered, such as `613` or `190/460`.
    package var errors: [String: Int]
    /// Calls by the fault that decided about them.
    package var faults: [String: Int]
    /// One entry per account and class, sorted by account.
    package var rates: [Rate]
}

/// The calls that one conversation has accepted, in order.
package struct ConversationLog: Sendable, Hashable {
    package var accountID: String
    package var recipient: String
    /// Accepted calls in the order they were accepted, sender actions included.
    package var accepted: [CallRecord]
}

extension SimulatorSummary {
    /// Duplicates that are listed one by one.
    private static let listedDuplicates = 1000

    /// Sums up calls, oldest first.
    init(of records: [CallRecord], forgotten: UInt64) {
        self.init(
            calls: records.count,
            forgottenCalls: forgotten,
            acceptedMessages: records.count { $0.accepted && !$0.isSenderAction },
            acceptedSenderActions: records.count { $0.accepted && $0.isSenderAction },
            duplicateMessages: 0,
            duplicates: [],
            repeatedSenderActions: 0,
            throttledByLimit: records.count { $0.isOverLimit },
            answers: [:],
            errors: [:],
            faults: [:],
            rates: Self.rates(of: records)
        )
        for record in records {
            answers[record.status.map(String.init) ?? "closed", default: 0] += 1
            if let code = record.errorCode {
                errors[record.errorSubcode.map { "\(code)/\($0)" } ?? "\(code)", default: 0] += 1
            }
            if let fault = record.fault { faults[fault, default: 0] += 1 }
        }
        countRepetitions(in: records)
    }

    private mutating func countRepetitions(in records: [CallRecord]) {
        struct Key: Hashable {
            var conversation: Conversation
            var digest: UInt128
        }
        var firsts: [Key: (record: CallRecord, times: Int)] = [:]
        for record in records where record.accepted {
            guard let recipient = record.recipient, let digest = record.bodyDigest else { continue }
            let conversation = Conversation(accountID: record.accountID, recipient: recipient)
            firsts[Key(conversation: conversation, digest: digest), default: (record, 0)].times += 1
        }
        let repeated = firsts.values.filter { $0.times > 1 }
        repeatedSenderActions = repeated.filter(\.record.isSenderAction).reduce(0) { $0 + $1.times - 1 }
        let messages = repeated.filter { !$0.record.isSenderAction }
        duplicateMessages = messages.reduce(0) { $0 + $1.times - 1 }
        duplicates = messages.sorted { $0.record.sequence < $1.record.sequence }
            .prefix(Self.listedDuplicates)
            .map { record, times in
                Duplicate(
                    accountID: record.accountID,
                    recipient: record.recipient ?? "",
                    bodyDigest: record.bodyDigest ?? 0,
                    marker: record.marker,
                    times: times
                )
            }
    }

    private static func rates(of records: [CallRecord]) -> [Rate] {
        struct Key: Hashable {
            var accountID: String
            var rateClass: RateClass
        }
        var calls: [Key: (arrivals: [Int64], throttled: Int)] = [:]
        for record in records {
            guard let rateClass = record.rateClass else { continue }
            let key = Key(accountID: record.accountID, rateClass: rateClass)
            calls[key, default: ([], 0)].arrivals.append(record.arrivalNanoseconds)
            if record.isOverLimit { calls[key]?.throttled += 1 }
        }
        return calls.map { key, calls in
            let arrivals = calls.arrivals.sorted()
            return Rate(
                accountID: key.accountID,
                rateClass: key.rateClass,
                calls: arrivals.count,
                mostPerSecond: most(arrivals, within: 1_000_000_000),
                mostPerHour: most(arrivals, within: 3_600_000_000_000),
                throttled: calls.throttled
            )
        }
        .sorted { ($0.accountID, $0.rateClass.rawValue) < ($1.accountID, $1.rateClass.rawValue) }
    }

    /// The most of the sorted arrivals that any half-open window of that length holds.
    static func most(_ arrivals: [Int64], within length: Int64) -> Int {
        var most = 0
        var first = 0
        for (last, arrival) in arrivals.enumerated() {
            while arrival - arrivals[first] >= length { first += 1 }
            most = max(most, last - first + 1)
        }
        return most
    }
}
