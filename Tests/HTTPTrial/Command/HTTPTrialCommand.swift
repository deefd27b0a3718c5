internal import CommandLineParser

@main
enum HTTPTrialCommand {
    static let declaration = CommandDeclaration(
        "http-trial",
        summary: "The HTTP client against servers that misbehave, and one that does not.",
        subcommands: [HostileCommand.declaration, NginxCommand.declaration],
        defaultSubcommand: HostileCommand.declaration.name
    )

    static func main() async {
        await CommandLineProgram(declaration).runProcess()
    }
}
