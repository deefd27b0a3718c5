import CommandLineParser
import SendWorker

/// The command line's root.
enum SendWorkerCommand {
    static let declaration = CommandDeclaration(
        "send-worker",
        summary: "Sends Instagram direct messages that backend services request over Kafka.",
        discussion: """
            Each record on the requests topic is validated, kept within its account's rate limits and in the order of its \
            conversation, sent through Instagram's messages endpoint, and answered with exactly one result on the results \
            topic. What could not be sent also goes to the dead-letter topic.

            See it work, with nothing else installed:   send-worker demo
            Create the topics on your Kafka:            send-worker topics create
            Run the worker:                             send-worker run --config send-worker.yaml

            Exit codes: 0 done, 1 failed, 2 bad usage or configuration, 3 fenced or fatal Kafka error (start it again).
            """,
        version: WorkerVersion.current,
        subcommands: [
            RunCommand.declaration,
            DemoCommand.declaration,
            SimulatorCommand.declaration,
            PublishCommand.declaration,
            ResultsCommand.declaration,
            DeadLettersCommand.declaration,
            ResumeCommand.declaration,
            ValidateCommand.declaration,
            SchemaCommand.declaration,
            TopicsCommand.declaration,
            ConfigCommand.declaration,
        ]
    )
}
