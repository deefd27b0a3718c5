import ArgumentParser

/// `benchmarks engine`: what the send engine costs under a large backlog.
struct EngineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine",
        abstract: "Memory per waiting request and time per event, for few and for many accounts.",
        discussion: """
            Fills an engine with requests, then sends messages at the pace that the limits allow on a virtual clock, each \
            replaced as it ends, so that the same number waits all the time. Every event is measured by itself; the \
            clock's own cost is subtracted. Scenarios differ in the number of accounts and in the share that is blocked \
            (a third each throttled, held and with a dead token) and in nothing else, but for the limit per account: \
            unless --limit says otherwise it falls with the number of accounts, so that limits bind everywhere.

            An event whose cost grew with the number of accounts, or with the share of blocked ones, is flagged. Growth \
            by less than --flag-factor is what larger tables cost in cache misses.
            """
    )

    @Option(help: ArgumentHelp("Numbers of accounts, with commas.", valueName: "list"))
    var accounts = "10,1000,100000"

    @Option(
        help: ArgumentHelp("Percentages of blocked accounts, 0 to 99, with commas.", valueName: "list")
    )
    var blocked = "0,50"

    @Option(help: "Requests that wait, over all accounts.")
    var waiting = 1_000_000

    @Option(help: "Conversations that requests are drawn from, over all accounts.")
    var conversations = 500_000

    @Option(help: "Partitions that the requests come from.")
    var partitions = 100

    @Option(help: "Messages from accept to durable in each round.")
    var messages = 100_000

    @Option(help: "Rounds of each scenario.")
    var rounds = 3

    @Option(help: "Calls running at once.")
    var maxInFlight = 512

    @Option(help: "Calls that end between two looks at what is to be done.")
    var batch = 64

    @Option(help: "Endings in one commit.")
    var commitEvery = 500

    @Option(
        help:
            "Calls per second of one account. Default: 100 for up to 10 accounts, falling to 1 for 100,000."
    )
    var limit: Int?

    @Option(help: "Percent of the requests that have a deadline.")
    var deadlines = 50

    @Option(help: "From what factor on growth between the fewest and the most accounts is flagged.")
    var flagFactor = 4.0

    @Option(help: "What time is taken from: processor (of this thread alone) or wall (every interruption included).")
    var clock = Stopwatch.Clock.processor

    @Flag(help: "Print one JSON object instead of tables.")
    var json = false

    func validate() throws {
        let sizes = [
            ("--waiting", waiting), ("--conversations", conversations), ("--partitions", partitions),
            ("--messages", messages), ("--rounds", rounds), ("--max-in-flight", maxInFlight),
            ("--batch", batch),
            ("--commit-every", commitEvery), ("--limit", limit ?? 1),
        ]
        for (name, value) in sizes where !(1...50_000_000).contains(value) {
            throw ValidationError("\(name) is 1 to 50,000,000, not \(value)")
        }
        guard (0...100).contains(deadlines) else {
            throw ValidationError("--deadlines is 0 to 100, not \(deadlines)")
        }
        for count in try numbers(accounts, "--accounts", in: 1...10_000_000) where count > waiting {
            throw ValidationError(
                "--accounts has \(count), more than the \(waiting) requests of --waiting"
            )
        }
        _ = try numbers(blocked, "--blocked", in: 0...99)
    }

    func run() throws {
        let stopwatch = Stopwatch(clock)
        var report = EngineReport(flagFactor: flagFactor, stopwatch: stopwatch)
        for scenario in try scenarios() {
            let result = ScenarioResult(scenario, stopwatch) {
                Progress.show("engine: \(scenario.name): \($0)")
            }
            report.results.append(result)
        }
        Progress.end()
        print(json ? report.json : report.text)
        if report.results.contains(where: { !$0.isComplete }) { throw ExitCode.failure }
    }

    private func scenarios() throws -> [Scenario] {
        let accounts = try numbers(accounts, "--accounts", in: 1...10_000_000)
        let shares = try numbers(blocked, "--blocked", in: 0...99)
        return shares.flatMap { share in accounts.map { scenario(accounts: $0, blocked: share) } }
    }

    private func scenario(accounts: Int, blocked: Int) -> Scenario {
        Scenario(
            accounts: accounts,
            blockedPercent: blocked,
            waiting: waiting,
            conversations: conversations,
            partitions: partitions,
            messagesPerRound: messages,
            rounds: rounds,
            maxInFlight: maxInFlight,
            batch: batch,
            commitEvery: commitEvery,
            limit: limit ?? Scenario.balancedLimit(accounts: accounts),
            deadlinePercent: deadlines
        )
    }

    private func numbers(_ text: String, _ option: String, in range: ClosedRange<Int>) throws -> [Int] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let number = Int(part), range.contains(number) else {
                throw ValidationError("\(option) is a list such as 10,50 of \(range), not \"\(text)\"")
            }
            return number
        }
    }
}

extension Stopwatch.Clock: ExpressibleByArgument {}
