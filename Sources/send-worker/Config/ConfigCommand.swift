import ArgumentParser
import SendWorker

/// `send-worker config`: the effective configuration.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Print the effective configuration, each value with its source; secrets are hidden.",
        discussion: """
            With --check it looks instead at what the configuration leads to, within 15 seconds: brokers, topics, access \
            rights, the consumer group, transactions, tokens, and whether the endpoint can be reached. It prints a line for \
            each finding (ok, warning or problem) with what to do about it. Nothing is published, no group is joined and \
            nobody is called.

            With --check it ends with 0 where nothing is a problem, with 2 where something has to be put right first, and \
            with 1 where something does not answer.
            """
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Print a commented example file with every key instead.")
    var example = false

    @Flag(help: "Look at brokers, topics, rights, tokens and the endpoint, and say what is wrong.")
    var check = false

    func validate() throws {
        if check && example { throw ValidationError("--check and --example are two commands; give one of them") }
    }

    func run() async throws {
        if example { return Terminal.write(ConfigurationGuide.exampleFile) }
        let loaded = try options.load()
        if check { return try await inspect(loaded) }
        for warning in loaded.warnings { Terminal.complain("warning: \(warning)") }
        Terminal.write(json ? loaded.report.json : loaded.report.text)
    }

    private func inspect(_ loaded: LoadedConfiguration) async throws {
        let report = await Inspection(loaded).report()
        Terminal.write(json ? report.json : report.text)
        if report.exitCode != 0 { throw ExitCode(report.exitCode) }
    }
}
