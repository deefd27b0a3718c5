import CommandLineParser
import KafkaClient
import OpenSSL
import Reactor
import SendWorker

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Runs the command that the arguments name and ends with the documented exit codes:
/// 0 done, 1 failed, 2 bad usage or configuration, 3 fenced or fatal Kafka error.
@main
enum EntryPoint {
    private static let program = CommandLineProgram(SendWorkerCommand.declaration)

    static func main() async {
        // A reader that goes away must show as an error of the write, in whatever part of the process it happens.
        Signals.ignoreBrokenPipe()
        // Before librdkafka does: its way has the library clean up at exit, while threads may still be in it.
        OpenSSLLibrary.prepare()
        do {
            try await program.commandOfProcess()?.run()
        } catch {
            end(with: error)
        }
    }

    private static func end(with error: any Error) -> Never {
        switch error {
        case let status as ExitStatus:
            exit(status.code)
        case let failure as WorkerFailure:
            Terminal.complain("send-worker: \(failure)")
            exit(failure.kind.rawValue)
        case let invalid as ConfigurationError:
            for line in invalid.problems { Terminal.complain(line) }
            exit(WorkerFailure.Kind.configuration.rawValue)
        case let place as TokenPlaceError:
            Terminal.complain("send-worker: \(place)")
            exit(WorkerFailure.Kind.configuration.rawValue)
        case let refused as KafkaConfigurationError:
            Terminal.complain("send-worker: \(refused)")
            exit(WorkerFailure.Kind.configuration.rawValue)
        case let usage as UsageError:
            Terminal.complain(program.refusal(usage, of: (try? ProcessWords.current()) ?? []))
            exit(WorkerFailure.Kind.configuration.rawValue)
        case let output as StandardStream.Failure where output.isReaderGone:
            program.endForLackOfReader()
        default:
            Terminal.complain("send-worker: \(error)")
            exit(WorkerFailure.Kind.failed.rawValue)
        }
    }
}

/// The command line's root.
private enum SendWorkerCommand {
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
