/// The headers that a dead letter has besides the request's own: why it ended, where it came from, how often it has been
/// redriven. All values are UTF-8 text.
public enum DeadLetterHeaders {
    /// Only where the request is too large for the dead-letter topic: how many bytes of its headers, value and key are
    /// missing.
    public static let omittedBytes = "dlq-omitted-bytes"

    /// The names of all headers, in the order they are written.
    public static let names = [
        "dlq-status", "dlq-category", "dlq-code", "dlq-subcode", "dlq-message", "dlq-attempts", "dlq-source-topic",
        "dlq-source-partition", "dlq-source-offset", "dlq-time", "dlq-redrives", omittedBytes,
    ]

    /// True for a header of a dead letter; a request that is redriven keeps only `dlq-redrives` of them.
    public static func contains(_ name: String) -> Bool {
        name.utf8.starts(with: "dlq-".utf8) && names.contains(name)
    }

    /// The headers for a request that ended other than `sent`, all but ``omittedBytes``.
    ///
    /// `dlq-category`, `dlq-code`, `dlq-subcode` and `dlq-message` are left out where the result does not know them.
    ///
    /// - Parameters:
    ///   - result: How the request ended.
    ///   - redrives: How often the request was redriven before, 0 or more.
    public static func headers(for result: SendResult, redrives: Int) -> [(name: String, value: [UInt8])] {
        var headers: [(name: String, value: [UInt8])] = []
        headers.reserveCapacity(names.count)
        func add(_ name: String, _ value: String?) {
            if let value { headers.append((name, Array(value.utf8))) }
        }
        add("dlq-status", result.status.rawValue)
        add("dlq-category", result.error?.category.rawValue)
        add("dlq-code", result.error?.code.map(String.init))
        add("dlq-subcode", result.error?.subcode.map(String.init))
        add("dlq-message", result.error?.message)
        add("dlq-attempts", String(result.attempts))
        add("dlq-source-topic", result.source.topic)
        add("dlq-source-partition", String(result.source.partition))
        add("dlq-source-offset", String(result.source.offset))
        add("dlq-time", result.completedAt.rfc3339)
        add("dlq-redrives", String(max(redrives, 0)))
        return headers
    }

    /// The number in a `dlq-redrives` header; 0 where there is none or it is not a number of 0 and more.
    public static func redrives(_ value: [UInt8]?) -> Int {
        guard let value, let number = Int(String(decoding: value, as: UTF8.self)), number > 0 else { return 0 }
        return number
    }
}
