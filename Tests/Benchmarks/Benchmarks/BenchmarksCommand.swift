import CommandLineParser

/// The command line's root.
@main
enum BenchmarksCommand {
    static let declaration = CommandDeclaration(
        "benchmarks",
        summary: "Measures parts of the worker by themselves.",
        discussion: """
            messaging   reading, checking and writing requests, results and answers, beside Foundation's decoders
            engine      the send engine with a million waiting requests: memory, and time per event by account count
            http-client one call of the HTTP client, against a server that is given

            Build it optimised: swift build -c release --product benchmarks. Numbers of a machine that does other work
            at the same time are too high at the upper end; the preemptions that are printed tell.
            """,
        subcommands: [MessagingCommand.declaration, EngineCommand.declaration, HTTPClientCommand.declaration]
    )

    static func main() async {
        await CommandLineProgram(declaration).runProcess()
    }
}
