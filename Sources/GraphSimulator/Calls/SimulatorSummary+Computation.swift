import InstagramMessaging

extension SimulatorSummary {
    /// Duplicates that are listed one by one.
    static let listedDuplicates = 1000

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
