import CommandLineParser

/// `send-worker dead-letters`: what could not be sent.
enum DeadLettersCommand {
    static let declaration = CommandDeclaration(
        "dead-letters",
        summary: "Look at what could not be sent, and publish it again.",
        discussion: """
              send-worker dead-letters list --counts            what goes wrong, and how often
              send-worker dead-letters list --category token    which requests
              send-worker dead-letters redrive --category token what publishing them again would do
            """,
        subcommands: [ListCommand.declaration, RedriveCommand.declaration]
    )
}
