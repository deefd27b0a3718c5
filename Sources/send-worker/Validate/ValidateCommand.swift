import ArgumentParser
import Foundation
import InstagramMessaging
import SendEngine
import SendWorker

/// `send-worker validate`: checks requests without a network.
struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check request files against every rule; no network is needed.",
        discussion: """
            Takes JSON (an object or an array of them) and NDJSON. Exits with 1 when a request is invalid.

              send-worker validate requests.ndjson
              cat request.json | send-worker validate
              send-worker validate --explain text.too_long
            """
    )

    @Argument(help: "Files to check; - is standard input, which is also read where no file is given.")
    var files: [String] = []

    @Flag(help: "Print one JSON object per request.")
    var json = false

    @Option(help: ArgumentHelp("Print a rule with its limit and its source.", valueName: "rule"))
    var explain: String?

    @Flag(help: "Let unknown members pass, as validation.unknownFields: forward does.")
    var forwardUnknownFields = false

    func run() async throws {
        if let explain { return try printRule(explain) }
        var options = RequestDecoder.Options()
        if forwardUnknownFields { options.unknownFields = .forward }
        let decoder = RequestDecoder(options: options)
        let now = WorkerClock.system.now.wall
        var invalid = 0
        var total = 0
        for path in files.isEmpty ? ["-"] : files {
            for entry in try RequestDocument(path: path).entries {
                total += 1
                let verdict = decoder.decode(entry.bytes, now: now)
                if case .rejected = verdict { invalid += 1 }
                let lines =
                    json
                    ? [ValidationLine(verdict, at: entry.location).json]
                    : RequestComplaints.lines(verdict, at: entry.location)
                for line in lines { print(line) }
            }
        }
        if total == 0 { throw WorkerFailure(.configuration, "there is no request to check: the input is empty") }
        if !json { print("\(total - invalid) of \(total) requests are valid") }
        if invalid > 0 { throw ExitCode.failure }
    }

    private func printRule(_ id: String) throws {
        guard let rule = ValidationRule.named(id) else {
            let known = ValidationRule.catalogue.map(\.id).joined(separator: ", ")
            throw WorkerFailure(.configuration, "there is no rule \"\(id)\"; the rules are: \(known)")
        }
        print("\(rule.id)\n  \(rule.summary)")
        if let limit = rule.limit { print("  Limit:  \(limit)") }
        print("  Source: \(rule.source)")
    }
}
