import CommandLineParser

/// `benchmarks engine`: what the send engine costs under a large backlog.
struct EngineCommand: Command {
    private static let accounts = Option(
        "--accounts",
        default: "10,1000,100000",
        help: ParameterHelp("Numbers of accounts, with commas.", valueName: "list")
    )
    private static let blocked = Option(
        "--blocked",
        default: "0,50",
        help: ParameterHelp("Percentages of blocked accounts, 0 to 99, with commas.", valueName: "list")
    )
    private static let waiting = Option(
        "--waiting",
        default: 1_000_000,
        help: "Requests that wait, over all accounts."
    )
    private static let conversations = Option(
        "--conversations",
        default: 500_000,
        help: "Conversations that requests are drawn from, over all accounts."
    )
    private static let partitions = Option(
        "--partitions",
        default: 100,
        help: "Partitions that the requests come from."
    )
    private static let messages = Option(
        "--messages",
        default: 100_000,
        help: "Messages from accept to durable in each round."
    )
    private static let rounds = Option("--rounds", default: 3, help: "Rounds of each scenario.")
    private static let maxInFlight = Option("--max-in-flight", default: 512, help: "Calls running at once.")
    private static let batch = Option(
        "--batch",
        default: 64,
        help: "Calls that end between two looks at what is to be done."
    )
    private static let commitEvery = Option("--commit-every", default: 500, help: "Endings in one commit.")
    private static let limit = Option<Int?>(
        "--limit",
        help: "Calls per second of one account. Default: 100 for up to 10 accounts, falling to 1 for 100,000."
    )
    private static let deadlines = Option(
        "--deadlines",
        default: 50,
        help: "Percent of the requests that have a deadline."
    )
    private static let flagFactor = Option(
        "--flag-factor",
        default: 4.0,
        help: "From what factor on growth between the fewest and the most accounts is flagged."
    )
    private static let clock = Option(
        "--clock",
        default: Stopwatch.Clock.processor,
        help: "What time is taken from: processor (of this thread alone) or wall (every interruption included)."
    )
    private static let json = Flag("--json", help: "Print one JSON object instead of tables.")

    static let declaration = CommandDeclaration(
        "engine",
        summary: "Memory per waiting request and time per event, for few and for many accounts.",
        discussion: """
            Fills an engine with requests, then sends messages at the pace that the limits allow on a virtual clock, each \
            replaced as it ends, so that the same number waits all the time. Every event is measured by itself; the \
            clock's own cost is subtracted. Scenarios differ in the number of accounts and in the share that is blocked \
            (a third each throttled, held and with a dead token) and in nothing else, but for the limit per account: \
            unless --limit says otherwise it falls with the number of accounts, so that limits bind everywhere.

            An event whose cost grew with the number of accounts, or with the share of blocked ones, is flagged. Growth \
            by less than --flag-factor is what larger tables cost in cache misses.
            """,
        parameters: [
            accounts, blocked, waiting, conversations, partitions, messages,
            rounds, maxInFlight, batch, commitEvery, limit, deadlines,
            flagFactor, clock, json,
        ],
        command: EngineCommand.init
    )

    private let accounts: String
    private let blocked: String
    private let waiting: Int
    private let conversations: Int
    private let partitions: Int
    private let messages: Int
    private let rounds: Int
    private let maxInFlight: Int
    private let batch: Int
    private let commitEvery: Int
    private let limit: Int?
    private let deadlines: Int
    private let flagFactor: Double
    private let clock: Stopwatch.Clock
    private let json: Bool

    init(_ values: ParsedValues) throws {
        accounts = values[Self.accounts]
        blocked = values[Self.blocked]
        waiting = values[Self.waiting]
        conversations = values[Self.conversations]
        partitions = values[Self.partitions]
        messages = values[Self.messages]
        rounds = values[Self.rounds]
        maxInFlight = values[Self.maxInFlight]
        batch = values[Self.batch]
        commitEvery = values[Self.commitEvery]
        limit = values[Self.limit]
        deadlines = values[Self.deadlines]
        flagFactor = values[Self.flagFactor]
        clock = values[Self.clock]
        json = values[Self.json]
        try check()
    }

    private func check() throws {
        let sizes = [
            ("--waiting", waiting), ("--conversations", conversations), ("--partitions", partitions),
            ("--messages", messages), ("--rounds", rounds), ("--max-in-flight", maxInFlight),
            ("--batch", batch),
            ("--commit-every", commitEvery), ("--limit", limit ?? 1),
        ]
        for (name, value) in sizes where !(1...50_000_000).contains(value) {
            throw UsageError("\(name) is 1 to 50,000,000, not \(value)")
        }
        guard (0...100).contains(deadlines) else {
            throw UsageError("--deadlines is 0 to 100, not \(deadlines)")
        }
        for count in try numbers(accounts, "--accounts", in: 1...10_000_000) where count > waiting {
            throw UsageError(
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
        if report.results.contains(where: { !$0.isComplete }) { throw ExitStatus.failure }
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
                throw UsageError("\(option) is a list such as 10,50 of \(range), not \"\(text)\"")
            }
            return number
        }
    }
}

extension Stopwatch.Clock: ArgumentValue {}
