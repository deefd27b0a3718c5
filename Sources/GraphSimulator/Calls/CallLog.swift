/// The newest calls, a bounded number of them.
struct CallLog: Sendable {
    let capacity: Int
    /// Calls ever logged; the sequence of the newest.
    private(set) var lastSequence: UInt64 = 0
    /// A ring once it is full; the oldest call is at `oldest`.
    private var ring: [CallRecord] = []
    private var oldest = 0

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    /// Calls that were logged and are no longer held.
    var forgotten: UInt64 { lastSequence - UInt64(ring.count) }

    /// Logs a call under the next sequence.
    mutating func append(_ record: CallRecord) {
        lastSequence += 1
        var record = record
        record.sequence = lastSequence
        if ring.count < capacity {
            ring.append(record)
        } else {
            ring[oldest] = record
            oldest = (oldest + 1) % capacity
        }
    }

    /// The calls held, oldest first.
    var records: [CallRecord] { Array(ring[oldest...] + ring[..<oldest]) }

    /// Calls with a sequence above `since`, oldest first.
    func records(since: UInt64, account: String?, limit: Int) -> [CallRecord] {
        let skipped = since > forgotten ? Int(min(since - forgotten, UInt64(ring.count))) : 0
        var found: [CallRecord] = []
        for position in skipped..<max(skipped, ring.count) where found.count < limit {
            let record = ring[(oldest + position) % ring.count]
            if account == nil || record.accountID == account { found.append(record) }
        }
        return found
    }

    /// What each conversation accepted, sorted by account and recipient.
    func conversations(account: String?) -> [ConversationLog] {
        var logs: [Conversation: [CallRecord]] = [:]
        for record in records where record.accepted && (account == nil || record.accountID == account) {
            guard let recipient = record.recipient else { continue }
            logs[Conversation(accountID: record.accountID, recipient: recipient), default: []].append(record)
        }
        return
            logs
            .map { ConversationLog(accountID: $0.accountID, recipient: $0.recipient, accepted: $1) }
            .sorted { ($0.accountID, $0.recipient) < ($1.accountID, $1.recipient) }
    }
}

/// Names a conversation: one account and one person or comment.
struct Conversation: Hashable, Sendable {
    var accountID: String
    var recipient: String
}
