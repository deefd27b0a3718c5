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

/// One line on standard error that says how far something is: redrawn in place for a person, now and then otherwise.
///
/// Nothing is shown of what is over soon.
struct ProgressLine {
    private let isInteractive = Terminal.showsErrorsToPerson
    private var next: ContinuousClock.Instant
    private var isDrawn = false

    init() {
        next = .now + (isInteractive ? .milliseconds(500) : .seconds(2))
    }

    /// Shows the text where it is time to.
    mutating func update(_ text: @autoclosure () -> String) {
        guard .now >= next else { return }
        if isInteractive {
            Terminal.writeError("\r\u{1b}[K" + text())
            isDrawn = true
            next = .now + .milliseconds(200)
        } else {
            Terminal.complain(text())
            next = .now + .seconds(5)
        }
    }

    /// Takes the line away, for other output to come.
    mutating func clear() {
        guard isDrawn else { return }
        Terminal.writeError("\r\u{1b}[K")
        isDrawn = false
    }

    /// Returns a bar that shows how much is done, as in `[########------------]  40 %`.
    static func bar(_ done: Int64, of total: Int64) -> String {
        let share = total > 0 ? min(max(Double(done) / Double(total), 0), 1) : 1
        let filled = Int((share * 20).rounded(.down))
        let percent = String(Int((share * 100).rounded(.down)))
        return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: 20 - filled) + "] "
            + String(repeating: " ", count: 3 - percent.count) + percent + " %"
    }
}

/// Rows in columns. The columns widen when rows need it, so that rows may come piece by piece.
struct Table {
    private let titles: [String]
    private var widths: [Int]
    private var hasTitles = false

    init(_ titles: [String]) {
        self.titles = titles
        widths = titles.map(\.count)
    }

    /// The lines of these rows, the titles before the first.
    mutating func lines(_ rows: [[String]]) -> [String] {
        guard !rows.isEmpty else { return [] }
        for row in rows {
            for (column, text) in row.enumerated() { widths[column] = max(widths[column], text.count) }
        }
        let all = hasTitles ? rows : [titles] + rows
        hasTitles = true
        return all.map(line)
    }

    /// The last column ends where its text ends.
    private func line(_ row: [String]) -> String {
        row.enumerated().map { column, text in
            column == row.count - 1 ? text : text.padding(to: widths[column])
        }.joined(separator: "  ")
    }
}

extension String {
    /// This text with spaces behind it up to a width.
    func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(width - count, 0))
    }
}
