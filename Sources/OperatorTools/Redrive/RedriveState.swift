import FoundationEssentials
import SendEngine
package import SendWorker

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The file that notes which dead letters were redriven; see `RedriveJournal`. While it is open for writing, no other
/// process can open it for writing.
package final class RedriveState {
    package private(set) var journal: RedriveJournal
    private let path: String
    /// Nil for a dry run, which only reads.
    private let file: LockedFile?

    /// Returns the path of the file if nobody names one.
    package static func defaultPath(deadLetters: String) throws -> String {
        let environment = ProcessInfo.processInfo.environment
        let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 + "/.local/state" }
        guard let folder = environment["XDG_STATE_HOME"].flatMap({ $0.hasPrefix("/") ? $0 : nil }) ?? home else {
            throw WorkerFailure(
                .configuration,
                "there is no place for the file that notes what was redriven, since HOME is not set; name one with --state"
            )
        }
        return "\(folder)/send-worker/redriven-\(deadLetters).ndjson"
    }

    /// - Throws: `WorkerFailure` where the file cannot be used.
    package init(path: String, topics: WorkerConfiguration.Topics, isWritten: Bool) throws {
        self.path = path
        file = isWritten ? try Self.open(path) : nil
        let bytes = try Self.contents(of: path)
        do {
            journal = try RedriveJournal(text: bytes)
        } catch {
            throw WorkerFailure(
                .configuration,
                "\(path): line \(error.line) is not one that this command wrote; name another file with --state"
            )
        }
        if let noted = journal.topics, noted != (topics.deadLetters, topics.requests) {
            throw WorkerFailure(
                .configuration,
                "\(path) notes redrives from \(noted.deadLetters) to \(noted.requests), not from \(topics.deadLetters) to"
                    + " \(topics.requests); name another file with --state"
            )
        }
        // A last line that was cut off was never acted upon.
        let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        do throws(SystemError) {
            try file?.cut(to: end)
        } catch {
            throw WorkerFailure(.failed, "\(path) cannot be written: \(error)")
        }
    }

    package func begin(topics: WorkerConfiguration.Topics, ends: [Int32: Int64]) throws {
        journal.begin(deadLetters: topics.deadLetters, requests: topics.requests, ends: ends)
        try append(
            RedriveJournal.runLine(
                deadLetters: topics.deadLetters,
                requests: topics.requests,
                ends: ends,
                at: WorkerClock.system.now.wall
            )
        )
    }

    func intend(_ entries: [RedriveJournal.Entry]) throws {
        journal.intend(entries)
        try append(RedriveJournal.intentLine(entries))
    }

    package func finish(_ entries: [RedriveJournal.Entry]) throws {
        guard !entries.isEmpty else { return }
        journal.finish(entries)
        try append(RedriveJournal.doneLine(entries))
    }

    /// Returns when the line is on the disk.
    private func append(_ line: String) throws {
        guard let file else { return }
        do throws(SystemError) {
            try file.append(Array(line.utf8))
        } catch {
            throw WorkerFailure(.failed, "\(path) cannot be written: \(error); make room and give the command again")
        }
    }

    private static func contents(of path: String) throws -> [UInt8] {
        do throws(SystemError) {
            return try FileBytes.contents(of: path)
        } catch {
            if error.code == ENOENT { return [] }
            throw WorkerFailure(.configuration, "\(path) cannot be read: \(error)")
        }
    }

    private static func open(_ path: String) throws -> LockedFile {
        do throws(LockedFile.Refusal) {
            return try LockedFile(path: path)
        } catch {
            switch error {
            case .isLocked:
                throw WorkerFailure(.failed, "another redrive is using \(path); wait until it has ended, or end it")
            case .cannotOpen(let reason):
                throw WorkerFailure(
                    .configuration,
                    "\(path) cannot be written: \(reason); name a file that can be with --state"
                )
            }
        }
    }
}

/// A file that lines are put behind, each on the disk before the next. No other process can open it in this way meanwhile.
private final class LockedFile {
    /// The reason why it was not opened.
    enum Refusal: Error {
        case isLocked
        case cannotOpen(SystemError)
    }

    private let descriptor: Int32

    /// Opens a file, or makes it together with its folder.
    init(path: String) throws(Refusal) {
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            let folder = String(path[..<slash])
            // Where this fails, opening fails and says why.
            try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw .cannotOpen(.latest) }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            close(opened)
            throw .isLocked
        }
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// Cuts off what stands behind a length, and goes on there.
    func cut(to length: Int) throws(SystemError) {
        guard ftruncate(descriptor, off_t(length)) == 0, lseek(descriptor, off_t(length), SEEK_SET) >= 0 else {
            throw .latest
        }
    }

    /// Returns when the bytes are on the disk.
    func append(_ bytes: [UInt8]) throws(SystemError) {
        var left = bytes[...]
        while !left.isEmpty {
            let count = left.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                left = left.dropFirst(count)
            } else if errno != EINTR {
                throw .latest
            }
        }
        guard fsync(descriptor) == 0 else { throw .latest }
    }
}
