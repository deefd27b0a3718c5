internal import CommandLineParser

@main
enum SimulateCommand {
    static let declaration = CommandDeclaration(
        "simulate",
        summary: "The send engine on virtual time.",
        subcommands: [ClustersCommand.declaration, ScenariosCommand.declaration],
        defaultSubcommand: ClustersCommand.declaration.name
    )

    static func main() async {
        await CommandLineProgram(declaration).runProcess()
    }
}
