import InstagramMessaging
import SendEngine

/// The last minutes in numbers, as the status page shows them.
struct ActivitySummary: Sendable {
    /// Two quantiles of a duration, in microseconds; nil where nothing was measured.
    struct Latency: Sendable, Hashable {
        var count: Int
        var p50: Int64?
        var p99: Int64?

        init(_ histogram: LatencyHistogram) {
            count = histogram.count
            p50 = histogram.quantile(0.5)
            p99 = histogram.quantile(0.99)
        }
    }

    /// Rates are over so many whole buckets and what there is of the newest.
    private static let rateBuckets = 2

    let buckets: [RecentHistory.Bucket]
    /// The moment at which the newest bucket began.
    let newestBegan: Timestamp
    /// Requests that ended per second, lately.
    let resultsPerSecond: Double
    /// Calls that ended per second, lately.
    let callsPerSecond: Double
    let requestLatency: Latency
    let callDuration: Latency
    let deadLetters: [RecentDeadLetters.Entry]
    /// Dead letters since the start.
    let deadLetterCounts: [ErrorCategory: Int]
    /// Results since the start.
    let totals: [SendResult.Status: Int]

    init(
        history: RecentHistory,
        deadLetters: RecentDeadLetters,
        totals: [SendResult.Status: Int],
        now: EngineTime
    ) {
        buckets = history.buckets(at: now.monotonic)
        newestBegan = now.wall.adding(milliseconds: -history.newestAge(at: now.monotonic) / 1_000_000)
        let last = buckets.suffix(Self.rateBuckets + 1)
        let span = min(
            history.newestAge(at: now.monotonic) + Int64(Self.rateBuckets) * RecentHistory.bucketNanoseconds,
            // A worker that has just started is not slow.
            max(history.age(at: now.monotonic), 1_000_000_000)
        )
        resultsPerSecond = Double(last.reduce(0) { $0 + $1.ended }) * 1e9 / Double(span)
        callsPerSecond = Double(last.reduce(0) { $0 + $1.calls }) * 1e9 / Double(span)
        var (requests, calls) = (LatencyHistogram(), LatencyHistogram())
        for bucket in buckets {
            requests.add(bucket.requestLatency)
            calls.add(bucket.callDuration)
        }
        requestLatency = Latency(requests)
        callDuration = Latency(calls)
        self.deadLetters = deadLetters.newestFirst
        deadLetterCounts = deadLetters.counts
        self.totals = totals
    }

    /// The sum over the last five minutes of what each bucket counted.
    func sum<Key: Hashable>(_ counts: KeyPath<RecentHistory.Bucket, [Key: Int]>) -> [Key: Int] {
        buckets.reduce(into: [:]) { $0.merge($1[keyPath: counts], uniquingKeysWith: +) }
    }
}

extension ActivitySummary {
    /// Writes the members `throughput`, `recent`, `totals` and `dead_letters` of `/api/status`.
    func write(to json: inout JSONWriter) {
        json.name("throughput")
        json.beginObject()
        json.member("results_per_second", tenths: Int64((resultsPerSecond * 10).rounded()))
        json.member("calls_per_second", tenths: Int64((callsPerSecond * 10).rounded()))
        json.endObject()
        json.name("recent")
        writeRecent(to: &json)
        json.name("totals")
        json.beginObject()
        json.name("results")
        json.counts(SendResult.Status.allCases, totals)
        json.endObject()
        json.name("dead_letters")
        writeDeadLetters(to: &json)
    }

    private func writeRecent(to json: inout JSONWriter) {
        let seconds = RecentHistory.bucketNanoseconds / 1_000_000_000
        json.beginObject()
        json.member("window_seconds", seconds * Int64(buckets.count))
        json.name("results")
        json.counts(SendResult.Status.allCases, sum(\.results))
        json.name("calls")
        json.counts(OutcomeClass.allCases, sum(\.outcomes))
        json.name("request_latency")
        json.latency(requestLatency)
        json.name("call_duration")
        json.latency(callDuration)
        json.member("bucket_seconds", seconds)
        json.member("newest_bucket_at", newestBegan.rfc3339)
        json.name("buckets")
        json.beginObject()
        for status in SendResult.Status.allCases {
            json.name(status.rawValue)
            json.array(buckets) { $0.integer($1.results[status] ?? 0) }
        }
        json.name("calls")
        json.array(buckets) { $0.integer($1.calls) }
        json.name("request_p50_ms")
        json.array(buckets) { $0.milliseconds($1.requestLatency.quantile(0.5)) }
        json.name("request_p99_ms")
        json.array(buckets) { $0.milliseconds($1.requestLatency.quantile(0.99)) }
        json.endObject()
        json.endObject()
    }

    private func writeDeadLetters(to json: inout JSONWriter) {
        json.beginObject()
        json.member("total", deadLetterCounts.values.reduce(0, +))
        json.name("by_category")
        json.counts(ErrorCategory.allCases, deadLetterCounts)
        json.name("recent_by_category")
        json.counts(ErrorCategory.allCases, sum(\.categories))
        json.name("last")
        json.array(deadLetters) { $1.write(to: &$0) }
        json.endObject()
    }
}

extension RecentDeadLetters.Entry {
    fileprivate func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("time", time.rfc3339)
        json.member("account_id", orNull: accountID)
        json.member("request_id", orNull: requestID)
        json.member("status", status.rawValue)
        json.member("category", category.rawValue)
        if let code { json.member("code", code) }
        if let subcode { json.member("subcode", subcode) }
        json.member("message", message)
        json.member("partition", partition)
        json.member("offset", offset)
        json.endObject()
    }
}

extension JSONWriter {
    /// Writes an array, each element with `write`.
    mutating func array<Element>(_ elements: some Sequence<Element>, _ write: (inout JSONWriter, Element) -> Void) {
        beginArray()
        for element in elements { write(&self, element) }
        endArray()
    }

    /// Writes an object with the counts of what was counted, in the order of the cases.
    fileprivate mutating func counts<Key: Hashable & RawRepresentable<String>>(_ cases: [Key], _ counts: [Key: Int]) {
        beginObject()
        for key in cases {
            if let count = counts[key] { member(key.rawValue, count) }
        }
        endObject()
    }

    fileprivate mutating func latency(_ latency: ActivitySummary.Latency) {
        beginObject()
        member("count", latency.count)
        name("p50_ms")
        milliseconds(latency.p50)
        name("p99_ms")
        milliseconds(latency.p99)
        endObject()
    }

    /// Writes milliseconds with one decimal; `null` for nil.
    fileprivate mutating func milliseconds(_ microseconds: Int64?) {
        guard let microseconds else { return null() }
        tenths((microseconds + 50) / 100)
    }

    fileprivate mutating func member(_ name: String, tenths value: Int64) {
        self.name(name)
        tenths(value)
    }

    /// Writes a tenth of a number that is not negative.
    private mutating func tenths(_ value: Int64) {
        raw("\(max(value, 0) / 10).\(max(value, 0) % 10)".utf8)
    }
}
