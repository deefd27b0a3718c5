import FoundationEssentials

#if canImport(Darwin)
import Darwin

/// The system's `write`, under a name that a type's own `write` does not hide.
private let platformWrite = Darwin.write
#elseif canImport(Musl)
import Musl

/// The system's `write`, under a name that a type's own `write` does not hide.
private let platformWrite = Musl.write
#else
import Glibc

/// The system's `write`, under a name that a type's own `write` does not hide.
private let platformWrite = Glibc.write
#endif

/// Why a file was not replaced.
package enum FileReplacementError: Error, Hashable, CustomStringConvertible {
    /// Somebody has written it since it was read.
    case changedMeanwhile
    /// A part of it is written in a way that a new value has no place in.
    case noPlaceForValue
    /// The system refused a step.
    case refused(step: String, code: Int32)

    package var description: String {
        switch self {
        case .changedMeanwhile: "it has changed meanwhile"
        case .noPlaceForValue:
            "its entry has no place for a new token; write the token alone, or in a map with token and expires_at"
        case .refused(let step, let code): "\(step): \(Self.words(for: code))"
        }
    }

    private static func words(for code: Int32) -> String {
        switch code {
        case EROFS: "the file system is read-only"
        case EACCES, EPERM: "this user has no right to"
        case ENOSPC: "the disk is full"
        case ENOENT: "there is no such folder or file"
        case EBUSY, EXDEV: "the file is a mount of its own; mount its folder instead"
        default: "errno \(code)"
        }
    }
}

/// Replaces a file as a whole: whoever reads it finds the old contents or the new, also after a crash.
struct FileReplacement {
    /// The file itself, where the path is a link.
    let path: String
    /// The folder that the file stands in.
    let folder: String

    init(of path: String) {
        self.path = Self.resolved(path)
        let parent = self.path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        folder = parent.isEmpty ? (self.path.hasPrefix("/") ? "/" : ".") : parent
    }

    /// Writes beside the file, makes that durable, and puts it in the file's place. Owner and mode stay as far as the
    /// system allows.
    ///
    /// - Parameter read: The file as it was when what is replaced was read.
    func replace(with bytes: [UInt8], ifStill read: FileFingerprint) throws(FileReplacementError) {
        var info = stat()
        guard stat(path, &info) == 0 else { throw .refused(step: "cannot be looked at", code: errno) }
        let draft = try makeDraft(bytes, like: info)
        guard FileFingerprint(path: path) == read else {
            unlink(draft)
            throw .changedMeanwhile
        }
        try putInPlace(draft)
    }

    /// Writes the file in the same way, whether there is one yet or not.
    ///
    /// - Parameter model: The file whose owner and mode it gets.
    func write(_ bytes: [UInt8], like model: String) throws(FileReplacementError) {
        var info = stat()
        guard stat(model, &info) == 0 else { throw .refused(step: "cannot be looked at", code: errno) }
        try putInPlace(try makeDraft(bytes, like: info))
    }

    /// Whether the file can be replaced: files can be made beside it, found out by making one, and it is no mount.
    func probe() throws(FileReplacementError) {
        guard !MountPoint.isOne(path, in: folder) else {
            throw .refused(step: "no other file can take its place", code: EBUSY)
        }
        unlink(try makeDraft([], mode: 0o600, owner: getuid(), group: getgid()))
    }

    private func putInPlace(_ draft: String) throws(FileReplacementError) {
        guard rename(draft, path) == 0 else {
            let code = errno
            unlink(draft)
            throw .refused(step: "cannot be put in its place", code: code)
        }
        let directory = open(folder, O_RDONLY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }

    private func makeDraft(_ bytes: [UInt8], like model: stat) throws(FileReplacementError) -> String {
        try makeDraft(bytes, mode: model.st_mode & 0o7777, owner: model.st_uid, group: model.st_gid)
    }

    /// Writes a new file beside the old one; its name. It begins with a dot: such names are no accounts.
    private func makeDraft(
        _ bytes: [UInt8],
        mode: mode_t,
        owner: uid_t,
        group: gid_t
    ) throws(FileReplacementError) -> String {
        let draft = "\(folder)/.send-worker-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .refused(step: "a file beside it cannot be made", code: errno) }
        var code: Int32 = 0
        if owner != getuid() || group != getgid() { _ = fchown(file, owner, group) }
        if fchmod(file, mode) != 0 { code = errno }
        var rest = bytes[...]
        while code == 0, !rest.isEmpty {
            let part = Array(rest.prefix(65_536))
            let written = platformWrite(file, part, part.count)
            if written > 0 { rest = rest.dropFirst(written) } else if errno != EINTR { code = errno }
        }
        if code == 0, fsync(file) != 0 { code = errno }
        close(file)
        guard code == 0 else {
            unlink(draft)
            throw .refused(step: "a file beside it cannot be written", code: code)
        }
        return draft
    }

    /// Follows links, as far as there is a file behind them.
    private static func resolved(_ path: String) -> String {
        var path = path
        for _ in 0..<16 {
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { break }
            let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            path = target.hasPrefix("/") || (parent.isEmpty && !path.hasPrefix("/")) ? target : "\(parent)/\(target)"
        }
        return path
    }
}

/// Tells a file that is mounted by itself, as containers and service managers do with single files. It can be written,
/// but no other file can take its place.
enum MountPoint {
    fileprivate static func isOne(_ path: String, in folder: String) -> Bool {
        var (file, parent) = (stat(), stat())
        guard stat(path, &file) == 0, stat(folder, &parent) == 0 else { return false }
        if file.st_dev != parent.st_dev { return true }
        // A mount within one file system shows in the kernel's list alone; without one there is nothing more to know.
        guard let list = try? Data(contentsOf: URL(filePath: "/proc/self/mountinfo")),
            let real = realpath(path, nil)
        else { return false }
        defer { free(real) }
        return isListed(String(cString: real), in: String(decoding: list, as: UTF8.self))
    }

    /// - Parameters:
    ///   - path: Absolute and without links.
    ///   - list: What Linux writes into `mountinfo`: the mount's place is the fifth field of a line.
    static func isListed(_ path: String, in list: String) -> Bool {
        let escaped = path.unicodeScalars.map(escape).joined()
        return list.split(separator: "\n").contains { line in
            line.split(separator: " ", maxSplits: 5).dropFirst(4).first.map(String.init) == escaped
        }
    }

    private static func escape(_ character: Unicode.Scalar) -> String {
        switch character {
        case "\t": "\\011"
        case "\n": "\\012"
        case " ": "\\040"
        case "\\": "\\134"
        default: String(character)
        }
    }
}

/// Keeps others that ask for the same lock from a folder until it is let go. Without help of the file system it keeps
/// nobody.
final class FolderLock {
    private let descriptor: Int32

    /// nil where somebody else has it.
    init?(_ folder: String) {
        let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        if descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit {
        // Closing lets go of the lock.
        if descriptor >= 0 { close(descriptor) }
    }
}
