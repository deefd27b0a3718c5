import FoundationEssentials

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A file that lines are put behind, each on the disk before the next. No other process can open it in this way meanwhile.
final class LockedFile {
    /// Why it was not opened.
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
