internal import ArgumentParser

@main
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "The send engine on virtual time.",
        subcommands: [ClustersCommand.self, ScenariosCommand.self],
        defaultSubcommand: ClustersCommand.self
    )
}
