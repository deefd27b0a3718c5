import CommandLineParser
import InstagramMessaging
import SendEngine
import SendWorker

/// `send-worker validate`: checks requests without a network.
struct ValidateCommand: Command {
    private static let files = Argument<[String]>(
        "files",
        help: "Files to check; - is standard input, which is also read where no file is given.",
        completion: .files(extensions: ["json", "ndjson"])
    )
    private static let json = Flag("--json", help: "Print one JSON object per request.")
    private static let explain = Option<String?>(
        "--explain",
        help: ParameterHelp("Print a rule with its limit and its source.", valueName: "rule"),
        completion: .list(ValidationRule.catalogue.map(\.id))
    )
    private static let forwardUnknownFields = Flag(
        "--forward-unknown-fields",
        help: "Let unknown members pass, as validation.unknownFields: forward does."
    )

    static let declaration = CommandDeclaration(
        "validate",
        summary: "Check request files against every rule; no network is needed.",
        discussion: """
            Takes JSON (an object or an array of them) and NDJSON. Exits with 1 when a request is invalid.

              send-worker validate requests.ndjson
              cat request.json | send-worker validate
              send-worker validate --explain text.too_long
            """,
        parameters: [files, json, explain, forwardUnknownFields],
        command: ValidateCommand.init
    )

    private let files: [String]
    private let printsJSON: Bool
    private let explainedRule: String?
    private let forwardsUnknownFields: Bool

    init(_ values: ParsedValues) {
        files = values[Self.files]
        printsJSON = values[Self.json]
        explainedRule = values[Self.explain]
        forwardsUnknownFields = values[Self.forwardUnknownFields]
    }

    func run() async throws {
        if let explainedRule { return try printRule(explainedRule) }
        var options = RequestDecoder.Options()
        if forwardsUnknownFields { options.unknownFields = .forward }
        let decoder = RequestDecoder(options: options)
        let now = WorkerClock.system.now.wall
        var invalid = 0
        var total = 0
        var output = LineBuffer()
        for path in files.isEmpty ? ["-"] : files {
            for entry in try RequestDocument(path: path).entries {
                total += 1
                let verdict = decoder.decode(entry.bytes, now: now)
                if case .rejected = verdict { invalid += 1 }
                let lines =
                    printsJSON
                    ? [ValidationLine(verdict, at: entry.location).json]
                    : RequestComplaints.lines(verdict, at: entry.location)
                try output.add(lines)
            }
        }
        try output.flush()
        if total == 0 { throw WorkerFailure(.configuration, "there is no request to check: the input is empty") }
        if !printsJSON { try Terminal.writeLines(["\(total - invalid) of \(total) requests are valid"]) }
        if invalid > 0 { throw ExitStatus.failure }
    }

    private func printRule(_ id: String) throws {
        guard let rule = ValidationRule.named(id) else {
            let known = ValidationRule.catalogue.map(\.id).joined(separator: ", ")
            throw WorkerFailure(.configuration, "there is no rule \"\(id)\"; the rules are: \(known)")
        }
        var lines = [rule.id, "  \(rule.summary)"]
        if let limit = rule.limit { lines.append("  Limit:  \(limit)") }
        try Terminal.writeLines(lines + ["  Source: \(rule.source)"])
    }
}

/// The line of `validate --json` about a request.
private struct ValidationLine {
    private let verdict: RequestVerdict
    private let location: String

    init(_ verdict: RequestVerdict, at location: String) {
        self.verdict = verdict
        self.location = location
    }

    var json: String {
        switch verdict {
        case .accepted(let accepted):
            return object(requestID: accepted.request.requestID, isValid: true, error: nil)
        case .rejected(let rejected):
            return object(requestID: rejected.requestID, isValid: false, error: rejected.error)
        }
    }

    private func object(requestID: String?, isValid: Bool, error: SendError?) -> String {
        var members = [#""location":\#(quoted(location))"#, #""request_id":\#(requestID.map(quoted) ?? "null")"#]
        members.append(#""valid":\#(isValid)"#)
        if let error {
            let violations = error.violations.map {
                #"{"field":\#(quoted($0.field)),"rule":\#(quoted($0.rule)),"message":\#(quoted($0.message))}"#
            }
            members.append(#""category":\#(quoted(error.category.rawValue))"#)
            members.append(#""message":\#(quoted(error.message))"#)
            members.append(#""violations":[\#(violations.joined(separator: ","))]"#)
        }
        return "{\(members.joined(separator: ","))}"
    }

    private func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
