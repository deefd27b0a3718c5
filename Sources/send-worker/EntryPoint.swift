import ArgumentParser
import Foundation
import SendWorker

/// Runs the command that the arguments name and ends with the documented exit codes:
/// 0 done, 1 failed, 2 bad usage or configuration, 3 fenced or fatal Kafka error.
@main
enum EntryPoint {
    static func main() async {
        do {
            var command = try SendWorkerCommand.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    private static func end(with error: any Error) -> Never {
        switch error {
        case let failure as WorkerFailure:
            Terminal.complain("send-worker: \(failure)")
            exit(failure.kind.rawValue)
        case let invalid as ConfigurationError:
            for line in invalid.problems { Terminal.complain(line) }
            exit(WorkerFailure.Kind.configuration.rawValue)
        case let place as TokenPlaceError:
            Terminal.complain("send-worker: \(place)")
            exit(WorkerFailure.Kind.configuration.rawValue)
        default:
            endOfParsing(error)
        }
    }

    /// Help and version end well; what the argument parser refuses is bad usage; all else has failed.
    private static func endOfParsing(_ error: any Error) -> Never {
        let code = SendWorkerCommand.exitCode(for: error)
        switch code {
        case .success:
            print(SendWorkerCommand.fullMessage(for: error))
            exit(0)
        case .validationFailure:
            Terminal.complain(SendWorkerCommand.fullMessage(for: error))
            exit(WorkerFailure.Kind.configuration.rawValue)
        default:
            let message = SendWorkerCommand.message(for: error)
            if !message.isEmpty { Terminal.complain("send-worker: \(message)") }
            exit(code.rawValue)
        }
    }
}
