import InstagramMessaging

extension EngineReport {
    /// The report as one JSON object.
    var json: String {
        var writer = JSONWriter(reservingCapacity: 32_768)
        writer.beginObject()
        writer.member("benchmark", "engine")
        writer.member("clock", stopwatch.clock.rawValue)
        writer.member("clock_cost_nanoseconds", stopwatch.ownCost)
        writer.beginArray("scenarios")
        for result in results { write(result, to: &writer) }
        writer.endArray()
        writer.beginArray("growth_with_accounts")
        for growth in byAccounts { write(growth, to: &writer) }
        writer.endArray()
        writer.beginArray("growth_with_blocked")
        for growth in byBlocked { write(growth, to: &writer) }
        writer.endArray()
        writer.endObject()
        return writer.text
    }

    private func write(_ result: ScenarioResult, to writer: inout JSONWriter) {
        let scenario = result.scenario
        writer.beginObject()
        writer.member("accounts", scenario.accounts)
        writer.member("blocked_percent", scenario.blockedPercent)
        writer.member("waiting", scenario.waiting)
        writer.member("conversations", scenario.conversations)
        writer.member("partitions", scenario.partitions)
        writer.member("messages_per_second_and_account", scenario.limit)
        writer.member("is_complete", result.isComplete)
        writer.member("live_bytes", number: result.memory.liveBytes.map(Double.init))
        writer.member("live_blocks", number: result.memory.liveBlocks.map(Double.init))
        writer.member("resident_bytes", result.memory.residentBytes)
        writer.member("nanoseconds_per_message", number: result.nanosecondsPerMessage.median)
        writer.member("least_nanoseconds_per_message", number: result.nanosecondsPerMessage.least)
        writer.member("most_nanoseconds_per_message", number: result.nanosecondsPerMessage.most)
        writer.member(
            "thread_nanoseconds_per_message",
            number: result.threadNanosecondsPerMessage.median
        )
        writer.member("snapshot_bytes_per_commit", number: result.snapshotBytesPerCommit)
        writer.member("preemptions", result.preemptions)
        writer.beginArray("events")
        for kind in EventKind.allCases where result.meter.histogram(kind).count > 0 {
            write(kind, result.meter, to: &writer)
        }
        writer.endArray()
        writer.endObject()
    }

    private func write(_ kind: EventKind, _ meter: EventMeter, to writer: inout JSONWriter) {
        let histogram = meter.histogram(kind)
        writer.beginObject()
        writer.member("event", kind.name)
        writer.member("count", histogram.count)
        writer.member("mean_nanoseconds", number: histogram.mean)
        writer.member("p50_nanoseconds", histogram.quantile(0.5))
        writer.member("p99_nanoseconds", histogram.quantile(0.99))
        writer.member("max_nanoseconds", histogram.maximum)
        writer.member("mean_nanoseconds_per_item", number: meter.nanosecondsPerItem(kind))
        writer.endObject()
    }

    private func write(_ growth: Growth, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("part", growth.part.name)
        writer.member("from_accounts", growth.from.accounts)
        writer.member("to_accounts", growth.to.accounts)
        writer.member("from_blocked_percent", growth.from.blockedPercent)
        writer.member("to_blocked_percent", growth.to.blockedPercent)
        writer.member("from_nanoseconds", number: growth.fromNanoseconds)
        writer.member("to_nanoseconds", number: growth.toNanoseconds)
        writer.member("factor", number: growth.factor)
        writer.member("p99_factor", number: growth.high)
        writer.member("grows", isFlagged(growth))
        writer.endObject()
    }
}
