/// A program's command line: its commands, and what becomes of the words that somebody writes.
///
/// The rules, for all commands alike:
///
/// - An option with a value takes the next word, whatever it looks like; `--option=value` always works. The value begins
///   behind the first `=`.
/// - The first `--` ends the options at every level; what stands behind it, a second `--` too, is data.
/// - An option stands before or behind the name of its command and between its arguments.
/// - Of an option that takes one value the last one given counts.
/// - `--help` and `--version` go before everything that is wrong with the other words. Behind `--` and as the value of an
///   option they are words as any other.
package struct CommandLineProgram: Sendable {
    /// The outcome of reading a command line.
    package enum Outcome: Sendable {
        case run(any Command)
        /// Help, a version or a completion script, for standard output; the program ends with 0.
        case show(String)
        /// The fault, for standard error.
        case refuse(String)
    }

    package let root: CommandDeclaration

    package init(_ root: CommandDeclaration) {
        assert(root.problems.isEmpty, root.problems.joined(separator: "; "))
        self.root = root
    }

    /// Reads a command line without the program's name.
    ///
    /// - Parameters:
    ///   - columns: How wide help may be.
    ///   - shell: The path of the shell that a completion script is made for where none is named.
    package func parse(_ words: [String], columns: Int = ScreenWidth.usual, shell: String? = nil) -> Outcome {
        var parse = Parse(root: root, words: words)
        do {
            switch try parse.result() {
            case .command(let command): return .run(command)
            case .help: return .show(HelpText(path: parse.path, columns: columns).text)
            case .version: return .show(parse.version ?? "")
            case .completionScript(let name):
                let named = name ?? shell?.split(separator: "/").last.map(String.init)
                return .show(CompletionScript(program: root, for: try Shell(named: named)).text)
            }
        } catch {
            return .refuse(refusal(error, at: parse.path))
        }
    }

    /// Returns the message on bad usage that a command found only while it ran.
    package func refusal(_ error: UsageError, of words: [String] = []) -> String {
        guard !words.isEmpty else { return refusal(error, at: [root]) }
        var parse = Parse(root: root, words: words)
        _ = try? parse.result()
        return refusal(error, at: parse.path)
    }

    private func refusal(_ error: UsageError, at path: [CommandDeclaration]) -> String {
        let help = error.help.map { "Help:  \($0)\n" } ?? ""
        let names = path.map(\.name).joined(separator: " ")
        return
            "Error: \(error.message)\n\(help)Usage: \(UsageLine(path: path).text)\n  See '\(names) --help' for more information."
    }
}
