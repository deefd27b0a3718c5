import ArgumentParser

/// `send-worker dead-letters`: what could not be sent.
struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters",
        abstract: "Look at what could not be sent, and publish it again.",
        discussion: """
              send-worker dead-letters list --counts            what goes wrong, and how often
              send-worker dead-letters list --category token    which requests
              send-worker dead-letters redrive --category token what publishing them again would do
            """,
        subcommands: [ListCommand.self, RedriveCommand.self]
    )
}
