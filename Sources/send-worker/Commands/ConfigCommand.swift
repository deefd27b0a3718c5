import CommandLineParser
import OperatorTools
import SendWorker

/// `send-worker config`: the effective configuration.
struct ConfigCommand: Command {
    private static let json = Flag("--json", help: "Print JSON.")
    private static let example = Flag("--example", help: "Print a commented example file with every key instead.")
    private static let check = Flag(
        "--check",
        help: "Look at brokers, topics, rights, tokens and the endpoint, and say what is wrong."
    )

    static let declaration = CommandDeclaration(
        "config",
        summary: "Print the effective configuration, each value with its source; secrets are hidden.",
        discussion: """
            What accounts have of their own in tokens.file (pathID, baseURL, appSecret) stands below the keys.

            With --check it looks instead at what the configuration leads to, within 15 seconds: brokers, topics, access \
            rights, the consumer group, transactions, tokens, and whether the endpoint can be reached. It prints a line for \
            each finding (ok, warning or problem) with what to do about it. Nothing is published but in a transaction that is \
            aborted, no group is joined and nobody is called.

            With --check it ends with 0 where nothing is a problem, with 2 where something has to be put right first, and \
            with 1 where something does not answer.
            """,
        parameters: [ConfigurationOptions.group, json, example, check],
        command: ConfigCommand.init
    )

    private let options: ConfigurationOptions
    private let printsJSON: Bool
    private let isExample: Bool
    private let isCheck: Bool

    init(_ values: ParsedValues) throws {
        options = ConfigurationOptions(values)
        printsJSON = values[Self.json]
        isExample = values[Self.example]
        isCheck = values[Self.check]
        if isCheck, isExample { throw UsageError("--check and --example are two commands; give one of them") }
    }

    func run() async throws {
        if isExample { return try Terminal.write(ConfigurationGuide.exampleFile) }
        let loaded = try options.load()
        if isCheck { return try await inspect(loaded) }
        for warning in loaded.warnings { Terminal.complain("warning: \(warning)") }
        let report = loaded.report.withAccounts(of: loaded.configuration)
        try Terminal.write(printsJSON ? report.json : report.text)
    }

    private func inspect(_ loaded: LoadedConfiguration) async throws {
        let report = await Inspection(loaded).report()
        try Terminal.write(printsJSON ? report.json : report.text)
        if report.exitCode != 0 { throw ExitStatus(report.exitCode) }
    }
}
