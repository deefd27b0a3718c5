import SendEngine

/// All that `benchmarks engine` has measured.
struct EngineReport {
    var flagFactor: Double
    /// What the events were measured with.
    var stopwatch: Stopwatch
    var results: [ScenarioResult] = []

    var text: String {
        var parts = [
            "Memory of a full engine, beyond an empty one",
            memory.text,
            "\nTime per message from accept to durable, in ns; engine: the sum of its events, thread: with the load around it",
            messages.text,
        ]
        parts.append(
            "\nThe clock: \(stopwatch.clock.rawValue) time; its own \(stopwatch.ownCost) ns are subtracted from every event"
        )
        for result in results {
            parts += ["\nNanoseconds per event: \(result.scenario.name)", events(of: result).text]
        }
        if !byAccounts.isEmpty {
            parts += ["\nGrowth with the number of accounts, from the fewest to the most", growth(byAccounts).text]
        }
        if !byBlocked.isEmpty {
            parts += ["\nGrowth with the share of blocked accounts", growth(byBlocked).text]
        }
        for result in results where !result.isComplete {
            parts.append(
                "\nINCOMPLETE: \(result.scenario.name): nothing was left to do before all messages were sent"
            )
        }
        return parts.joined(separator: "\n")
    }

    // MARK: Growth

    /// For each share of blocked accounts, from the fewest to the most accounts.
    var byAccounts: [Growth] {
        Set(results.map(\.scenario.blockedPercent)).sorted().flatMap { share in
            let row = results.filter { $0.scenario.blockedPercent == share }
                .sorted { $0.scenario.accounts < $1.scenario.accounts }
            guard row.count > 1 else { return [Growth]() }
            return (Growth.message + Growth.exceptional)
                .compactMap { Growth($0, from: row[0], to: row[row.count - 1]) }
        }
    }

    /// For each number of accounts, from the smallest to the greatest share of blocked ones.
    var byBlocked: [Growth] {
        Set(results.map(\.scenario.accounts)).sorted().flatMap { accounts in
            let row = results.filter { $0.scenario.accounts == accounts }
                .sorted { $0.scenario.blockedPercent < $1.scenario.blockedPercent }
            guard row.count > 1 else { return [Growth]() }
            return Growth.message.compactMap { Growth($0, from: row[0], to: row[row.count - 1]) }
        }
    }

    func isFlagged(_ growth: Growth) -> Bool { growth.greatest >= flagFactor }

    // MARK: Tables

    private var memory: Table {
        var table = Table(columns: [
            "scenario", "waiting", "bytes/request", "blocks/request", "resident bytes/request", "live MB",
            "resident MB",
        ])
        for result in results {
            let count = Double(result.scenario.waiting)
            let live = result.memory.liveBytes.map(Double.init)
            let resident = Double(result.memory.residentBytes)
            table.add([
                result.scenario.name, result.scenario.waiting.grouped,
                live.map { $0 / count }.text(digits: 1),
                result.memory.liveBlocks.map { Double($0) / count }.text(digits: 2),
                (resident / count).text(digits: 1),
                live.map { $0 / 1e6 }.text(digits: 1), (resident / 1e6).text(digits: 1),
            ])
        }
        return table
    }

    private var messages: Table {
        var table = Table(columns: [
            "scenario", "limit/s", "waiting", "in flight", "ready", "limited", "blocked", "engine ns",
            "spread", "thread ns", "snapshot bytes/commit",
            "preempted",
        ])
        for result in results {
            let accounts = result.census.accounts
            table.add([
                result.scenario.name, result.scenario.limit.grouped, result.waiting.grouped,
                result.census.inFlight.grouped, accounts.ready.grouped, accounts.limited.grouped,
                (accounts.cooling + accounts.held + accounts.stopped + accounts.parked).grouped,
                result.nanosecondsPerMessage.median.text(),
                "±\(result.nanosecondsPerMessage.spreadPercent.text(digits: 1))%",
                result.threadNanosecondsPerMessage.median.text(), result.snapshotBytesPerCommit.text(),
                result.preemptions.grouped,
            ])
        }
        return table
    }

    private func events(of result: ScenarioResult) -> Table {
        var table = Table(columns: ["event", "count", "mean", "p50", "p99", "max", "mean per item"])
        for kind in EventKind.allCases {
            let histogram = result.meter.histogram(kind)
            guard histogram.count > 0 else { continue }
            table.add([
                kind.name, histogram.count.grouped, histogram.mean.text(), histogram.quantile(0.5).grouped,
                histogram.quantile(0.99).grouped, histogram.maximum.grouped,
                result.meter.nanosecondsPerItem(kind).map { $0.text() } ?? "",
            ])
        }
        return table
    }

    private func growth(_ list: [Growth]) -> Table {
        var table = Table(columns: ["part", "from", "to", "mean ns", "mean ns", "factor", "p99 factor", ""])
        for growth in list {
            table.add([
                growth.part.name, growth.from.name, growth.to.name, growth.fromNanoseconds.text(),
                growth.toNanoseconds.text(), "x\(growth.factor.text(digits: 2))",
                growth.high.map { "x\($0.text(digits: 2))" } ?? "", isFlagged(growth) ? "GROWS" : "",
            ])
        }
        return table
    }
}
