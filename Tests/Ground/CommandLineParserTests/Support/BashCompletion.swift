import Foundation

@testable import CommandLineParser

/// Asks a completion script, in a bash without configuration, what it offers for a line.
struct BashCompletion {
    private let script: String
    private let folder: String

    init(_ script: String, in folder: String = "/") {
        self.script = script
        self.folder = folder
    }

    /// What is offered with the cursor at the end of a line.
    func offers(_ line: String) -> [String] {
        guard let bash = Executable.find("bash") else { return ["there is no bash"] }
        let words = Self.words(of: line)
        let call = """

            COMP_WORDS=(\(words.map(\.quotedForShell).joined(separator: " ")))
            COMP_CWORD=\(words.count - 1)
            COMP_LINE=\(line.quotedForShell)
            COMP_POINT=${#COMP_LINE}
            COMP_WORDBREAKS=$' \\t\\n"\\'><=;|&(:'
            _courier courier "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            [[ ${#COMPREPLY[@]} -eq 0 ]] || printf '%s\\n' "${COMPREPLY[@]}"
            """
        do {
            let done = try Executable.run(bash, ["--norc", "--noprofile", "-uc", script + call], in: folder)
            return done.errors.isEmpty ? done.output.split(separator: "\n").map(String.init).sorted() : [done.errors]
        } catch {
            return ["\(error)"]
        }
    }

    /// The words as bash counts them for a completion: = and : are words of their own.
    private static func words(of line: String) -> [String] {
        var words = [""]
        var quote: Character?
        var isEscaped = false
        for character in line {
            let last = words.count - 1
            if isEscaped || quote != nil || character == "\\" || character == "\"" {
                words[last].append(character)
                if !isEscaped, character == "\"" { quote = quote == nil ? character : nil }
                isEscaped = !isEscaped && character == "\\"
            } else if character == " " {
                if !words[last].isEmpty { words.append("") }
            } else if character == "=" || character == ":" {
                if words[last].isEmpty { words.removeLast() }
                words += [String(character), ""]
            } else {
                words[last].append(character)
            }
        }
        return words
    }
}

/// Programs that a test starts.
enum Executable {
    struct Done {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Where a program is; nil where it is not installed.
    static func find(_ name: String) -> String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static func run(_ path: String, _ arguments: [String], input: String = "", in folder: String = "/") throws -> Done {
        let scratch = try TemporaryFolder([])
        let files = ["input", "output", "errors"].map { scratch.path + "/" + $0 }
        for (file, text) in zip(files, [input, "", ""]) { try Data(text.utf8).write(to: URL(fileURLWithPath: file)) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardInput = FileHandle(forReadingAtPath: files[0])
        process.standardOutput = FileHandle(forWritingAtPath: files[1])
        process.standardError = FileHandle(forWritingAtPath: files[2])
        try process.run()
        process.waitUntilExit()
        let texts = try files.map { String(decoding: try Data(contentsOf: URL(fileURLWithPath: $0)), as: UTF8.self) }
        return Done(status: process.terminationStatus, output: texts[1], errors: texts[2])
    }
}

/// A folder with empty files that is gone when nobody needs it any more.
final class TemporaryFolder {
    let path: String

    init(_ files: [String]) throws {
        path = NSTemporaryDirectory() + "courier-" + UUID().uuidString
        let manager = FileManager.default
        try manager.createDirectory(atPath: path, withIntermediateDirectories: true)
        for file in files {
            let place = URL(fileURLWithPath: path).appendingPathComponent(file)
            try manager.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data().write(to: place)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
