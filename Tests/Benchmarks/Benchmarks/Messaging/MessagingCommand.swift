import CommandLineParser
import InstagramMessaging

/// `benchmarks messaging`: what reading, checking and writing messages costs.
struct MessagingCommand: Command {
    private static let examples = Option(
        "--examples",
        default: "schemas/examples/requests",
        help: ParameterHelp("The folder with one request per .json file.", valueName: "folder"),
        completion: .files()
    )
    private static let rounds = Option("--rounds", default: 9, help: "How often each loop is timed, 1 to 1000.")
    private static let roundMilliseconds = Option(
        "--round-milliseconds",
        default: 8,
        help: "About how long one loop takes, in milliseconds, 1 to 1000."
    )
    private static let json = Flag("--json", help: "Print one JSON object instead of tables.")

    static let declaration = CommandDeclaration(
        "messaging",
        summary:
            "Time and allocations of decoding, checking, encoding and classifying, for each example request.",
        discussion: """
            Every operation is repeated in a tight loop; the loop is timed several times. A cell shows the median in \
            nanoseconds of processor time with half the distance between the quartiles in percent, then allocations and allocated bytes \
            per operation (n/a where the platform cannot count them).

            decode            RequestDecoder: parse, check every rule, cut out the Graph body
            parse             its JSON reader alone
            JSONDecoder       Foundation, into plain Codable structs: no rule checked, nothing cut out
            JSONSerialization Foundation, into dictionaries and arrays: no rule checked, nothing cut out

            The ratios divide Foundation's time by that of decode: above 1, decode is faster though it does more.
            """,
        parameters: [examples, rounds, roundMilliseconds, json],
        command: MessagingCommand.init
    )

    private let examples: String
    private let rounds: Int
    private let roundMilliseconds: Int
    private let json: Bool

    init(_ values: ParsedValues) throws {
        examples = values[Self.examples]
        rounds = values[Self.rounds]
        roundMilliseconds = values[Self.roundMilliseconds]
        json = values[Self.json]
        guard (1...1_000).contains(rounds) else {
            throw UsageError("--rounds is 1 to 1000, not \(rounds)")
        }
        guard (1...1_000).contains(roundMilliseconds) else {
            throw UsageError("--round-milliseconds is 1 to 1000, not \(roundMilliseconds)")
        }
    }

    func run() throws {
        let requests = try ExampleRequest.load(from: examples)
        let bench = MessagingBench(
            rounds: rounds,
            roundNanoseconds: UInt64(roundMilliseconds) * 1_000_000
        )
        var report = MessagingReport()
        for (index, request) in requests.enumerated() {
            Progress.show("messaging: \(request.name) (\(index + 1) of \(requests.count))")
            report.requests.append(try bench.measure(request))
        }
        Progress.show("messaging: answers")
        report.answers = ExampleAnswer.all.map { AnswerCosts(answer: $0, cost: bench.classify($0)) }
        Progress.end()
        print(json ? report.json : report.text)
    }
}
