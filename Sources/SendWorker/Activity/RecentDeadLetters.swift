import InstagramMessaging

/// The last dead letters, and how many there were of each category since the start. Holds no message text.
struct RecentDeadLetters: Sendable {
    /// What is shown of one dead letter.
    struct Entry: Sendable, Hashable {
        var time: Timestamp
        var accountID: String?
        var requestID: String?
        var status: SendResult.Status
        var category: ErrorCategory
        var code: Int?
        var subcode: Int?
        /// What went wrong, in the words of the result's error.
        var message: String
        var partition: Int32
        var offset: Int64
    }

    static let shown = 20
    /// Longer words of an error are cut, in characters.
    static let longestMessage = 300

    private var ring: [Entry] = []
    private var next = 0
    private(set) var counts: [ErrorCategory: Int] = [:]

    /// The last ones, the newest first.
    var newestFirst: [Entry] { Array((ring[next...] + ring[..<next]).reversed()) }

    /// Takes note of a request's end, unless it was sent.
    mutating func record(_ result: SendResult) {
        guard result.status != .sent, let error = result.error else { return }
        counts[error.category, default: 0] += 1
        let entry = Entry(
            time: result.completedAt,
            accountID: result.accountID,
            requestID: result.requestID,
            status: result.status,
            category: error.category,
            code: error.code,
            subcode: error.subcode,
            message: String(error.message.prefix(Self.longestMessage)),
            partition: result.source.partition,
            offset: result.source.offset
        )
        if ring.count < Self.shown {
            ring.append(entry)
        } else {
            ring[next] = entry
            next = (next + 1) % Self.shown
        }
    }
}
