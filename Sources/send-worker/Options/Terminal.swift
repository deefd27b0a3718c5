import CommandLineParser
import FoundationEssentials
import Telemetry

/// Standard output and standard error, as the commands use them.
enum Terminal {
    /// Whether a person looks at standard output, on a screen whose lines can be written anew.
    static var isInteractive: Bool { StandardStream.output.isTerminal && canMoveCursor }

    /// The same of standard error.
    static var showsErrorsToPerson: Bool { StandardStream.error.isTerminal && canMoveCursor }

    private static let canMoveCursor = ProcessInfo.processInfo.environment["TERM"] != "dumb"

    /// Writes a line to standard error.
    static func complain(_ line: String) {
        writeError(line + "\n")
    }

    /// Writes to standard error at once, without a line end, behind the log lines before. Where that cannot be done there
    /// is nobody to tell.
    static func writeError(_ text: String) {
        LogOutput.standardError.flush(within: .milliseconds(500))
        try? StandardStream.error.write(text)
    }

    /// Writes to standard output at once, without a line end.
    static func write(_ text: String) throws(StandardStream.Failure) {
        try StandardStream.output.write(text)
    }

    /// Writes lines to standard output at once, so that whoever reads a pipe sees them when they come.
    static func writeLines(_ lines: [String]) throws(StandardStream.Failure) {
        if !lines.isEmpty { try write(lines.joined(separator: "\n") + "\n") }
    }
}

/// Lines on their way to standard output, many in one write.
struct LineBuffer {
    private static let most = 32_768

    private var bytes: [UInt8] = []

    /// Takes lines; they are written once there are enough of them.
    mutating func add(_ lines: [String]) throws(StandardStream.Failure) {
        for line in lines {
            bytes += line.utf8
            bytes.append(UInt8(ascii: "\n"))
        }
        if bytes.count >= Self.most { try flush() }
    }

    /// Writes what is left.
    mutating func flush() throws(StandardStream.Failure) {
        let waiting = bytes
        bytes = []
        try StandardStream.output.write(bytes: waiting)
    }
}
