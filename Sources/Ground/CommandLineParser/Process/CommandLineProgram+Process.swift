#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

extension CommandLineProgram {
    /// Reads this process's command line and shows what is to be shown.
    ///
    /// - Returns: The command to run; nil where all has been done.
    /// - Throws: `ExitStatus` for bad usage, which has been said on standard error by then; `StandardStream.Failure`.
    package func commandOfProcess() throws -> (any Command)? {
        let words: [String]
        do {
            words = try ProcessWords.current()
        } catch {
            try StandardStream.error.write(refusal(error) + "\n")
            throw ExitStatus.badUsage
        }
        let variable = getenv("COLUMNS").map { String(cString: $0) }
        let columns = ScreenWidth.columns(variable: variable, terminal: ScreenWidth.terminal(behind: STDOUT_FILENO))
        switch parse(words, columns: columns, shell: getenv("SHELL").map { String(cString: $0) }) {
        case .run(let command): return command
        case .show(let text): try StandardStream.output.write(text + "\n")
        case .refuse(let text):
            try StandardStream.error.write(text + "\n")
            throw ExitStatus.badUsage
        }
        return nil
    }

    /// Runs this process's command line to its end: 0 done, 1 failed, 2 bad usage, or what a command's `ExitStatus` says.
    package func runProcess() async -> Never {
        do {
            try await commandOfProcess()?.run()
            exit(0)
        } catch let status as ExitStatus {
            exit(status.code)
        } catch let failure as StandardStream.Failure where failure.isReaderGone {
            endForLackOfReader()
        } catch let error as UsageError {
            try? StandardStream.error.write(refusal(error, of: (try? ProcessWords.current()) ?? []) + "\n")
            exit(ExitStatus.badUsage.code)
        } catch {
            try? StandardStream.error.write("\(root.name): \(error)\n")
            exit(ExitStatus.failure.code)
        }
    }

    /// Ends as a process does whose pipe has no reader: without a word, by the signal.
    package func endForLackOfReader() -> Never {
        signal(SIGPIPE, SIG_DFL)
        raise(SIGPIPE)
        exit(ExitStatus.failure.code)
    }
}
