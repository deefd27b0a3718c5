import ArgumentParser
import InstagramMessaging

/// `benchmarks messaging`: what reading, checking and writing messages costs.
struct MessagingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "messaging",
        abstract:
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
            """
    )

    @Option(help: ArgumentHelp("The folder with one request per .json file.", valueName: "folder"))
    var examples = "schemas/examples/requests"

    @Option(help: "How often each loop is timed, 1 to 1000.")
    var rounds = 9

    @Option(help: "About how long one loop takes, in milliseconds, 1 to 1000.")
    var roundMilliseconds = 8

    @Flag(help: "Print one JSON object instead of tables.")
    var json = false

    func validate() throws {
        guard (1...1_000).contains(rounds) else {
            throw ValidationError("--rounds is 1 to 1000, not \(rounds)")
        }
        guard (1...1_000).contains(roundMilliseconds) else {
            throw ValidationError("--round-milliseconds is 1 to 1000, not \(roundMilliseconds)")
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
