import Foundation

/// Standard output and standard error, as the commands use them.
enum Terminal {
    /// Whether a person looks at standard output.
    static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether a person looks at standard error.
    static var showsErrorsToPerson: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes a line to standard error.
    static func complain(_ line: String) {
        writeError(line + "\n")
    }

    /// Writes to standard error at once, without a line end.
    static func writeError(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }

    /// Writes to standard output at once, without a line end.
    static func write(_ text: String) {
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    /// Writes lines to standard output at once, so that whoever reads a pipe sees them when they come.
    static func writeLines(_ lines: [String]) {
        if !lines.isEmpty { write(lines.joined(separator: "\n") + "\n") }
    }
}
