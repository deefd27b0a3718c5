import InstagramMessaging

/// How many dead letters there are of each cause: status, category and code.
package struct DeadLetterCounts: Sendable, Hashable {
    /// Why requests ended.
    package struct Cause: Sendable, Hashable {
        package var status: String
        package var category: String?
        package var code: Int?
    }

    package private(set) var total = 0
    private var counts: [Cause: Int] = [:]

    package init() {}

    package mutating func add(_ letter: DeadLetter) {
        total += 1
        let cause = Cause(status: letter.status.rawValue, category: letter.category, code: letter.code)
        counts[cause, default: 0] += 1
    }

    /// The causes with their counts, the most frequent first.
    package var rows: [(cause: Cause, count: Int)] {
        counts.map { (cause: $0.key, count: $0.value) }.sorted { left, right in
            left.count == right.count ? Self.key(left.cause) < Self.key(right.cause) : left.count > right.count
        }
    }

    /// One JSON object: `total` and `causes`.
    package var json: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("total", total)
        writer.name("causes")
        writer.beginArray()
        for (cause, count) in rows {
            writer.beginObject()
            writer.member("status", cause.status)
            writer.member("category", orNull: cause.category)
            writer.name("code")
            if let code = cause.code { writer.integer(code) } else { writer.null() }
            writer.member("count", count)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private static func key(_ cause: Cause) -> String {
        "\(cause.status) \(cause.category ?? "") \(cause.code ?? 0)"
    }
}
