import InstagramMessaging

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
