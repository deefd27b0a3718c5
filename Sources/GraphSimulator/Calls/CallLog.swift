package import InstagramMessaging

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

    /// The calls that each conversation accepted, sorted by account and recipient.
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

/// One call as the simulator saw it.
package struct CallRecord: Sendable, Hashable {
    /// Position in the log, from 1, without gaps; calls are numbered when they are decided.
    package var sequence: UInt64
    /// The moment at which the request's head arrived, on a monotonic clock, in nanoseconds.
    package var arrivalNanoseconds: Int64
    /// The moment at which the request's head arrived, on the wall clock.
    package var arrival: Timestamp
    package var accountID: String
    /// `recipient.id` or `recipient.comment_id`; nil where the body was not read or named none.
    package var recipient: String?
    /// The kind of what was sent (`text`, `image`, `react`, …); nil where the body was not read or not understood.
    package var kind: String?
    /// The limit that the call counted against; nil where the body was not read.
    package var rateClass: RateClass?
    /// True for `react`, `unreact`, `typing_on`, `typing_off` and `mark_seen`.
    package var isSenderAction: Bool
    /// FNV-1a 128 over the body's bytes; nil where the body was not read.
    package var bodyDigest: UInt128?
    /// The text that tells the caller which request this is: the header `X-Simulator-Marker`, else the first 64 bytes
    /// of the message's text, title, link or target; nil where there is none.
    package var marker: String?
    /// The fault that decided about the call (its name in the control API); nil for none. Latencies are not named.
    package var fault: String?
    /// Extra delay of the answer from latency faults and `reply_delayed`.
    package var delay: Duration
    /// True where the message was taken, whatever was answered.
    package var accepted: Bool
    /// True where the account had made too many calls when this one arrived, whatever was answered.
    package var isOverLimit: Bool
    /// The HTTP status answered; nil where the connection was closed instead.
    package var status: Int?
    /// Graph's error code answered.
    package var errorCode: Int?
    /// Graph's error subcode answered.
    package var errorSubcode: Int?
    /// The header `traceparent` as it came; nil where there was none or the body was not read.
    package var traceParent: String?
    /// The header `tracestate`, likewise.
    package var traceState: String?
}

extension MessagesRequest {
    /// The conversation, where the body names one.
    var conversation: Conversation? {
        call.recipient.map { Conversation(accountID: accountID, recipient: $0) }
    }
}

extension EndpointReply.Action {
    /// The HTTP status; nil where nothing is answered.
    var status: Int? {
        if case .answer(let answer) = self { answer.status } else { nil }
    }
}

extension CallRecord {
    /// A call whose body was not read. The log numbers it.
    init(accountID: String, arrival: Moment, fault: String) {
        self.init(
            sequence: 0,
            arrivalNanoseconds: arrival.nanoseconds,
            arrival: arrival.wall,
            accountID: accountID,
            isSenderAction: false,
            fault: fault,
            delay: .zero,
            accepted: false,
            isOverLimit: false
        )
    }

    /// A call that was read to its end. The log numbers it.
    init(request: MessagesRequest, verdict: Verdict, delay: Duration, isOverLimit: Bool, status: Int?) {
        self.init(
            sequence: 0,
            arrivalNanoseconds: request.arrival.nanoseconds,
            arrival: request.arrival.wall,
            accountID: request.accountID,
            recipient: request.call.recipient,
            kind: request.call.kind,
            rateClass: request.call.rateClass,
            isSenderAction: request.call.isSenderAction,
            bodyDigest: request.call.bodyDigest,
            marker: request.marker ?? request.call.marker,
            fault: verdict.fault,
            delay: delay,
            accepted: verdict.accepts,
            isOverLimit: isOverLimit,
            status: status,
            errorCode: verdict.error?.code,
            errorSubcode: verdict.error?.subcode,
            traceParent: request.traceParent,
            traceState: request.traceState
        )
    }
}
