import ArgumentParser
import SendWorker

/// `send-worker config`: the effective configuration.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Print the effective configuration, each value with its source; secrets are hidden."
    )

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Print a commented example file with every key instead.")
    var example = false

    func run() async throws {
        if example { return Terminal.write(ConfigurationGuide.exampleFile) }
        let loaded = try options.load()
        for warning in loaded.warnings { Terminal.complain("warning: \(warning)") }
        Terminal.write(json ? loaded.report.json : loaded.report.text)
    }
}
