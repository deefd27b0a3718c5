#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The marks by which a change of a file is told without reading it. Symbolic links are followed.
package struct FileFingerprint: Sendable, Hashable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let modifiedSeconds: Int64
    private let modifiedNanoseconds: Int64
    /// True for something that can be read as a file.
    let isFile: Bool

    /// The moment at which it was changed, in milliseconds since 1970.
    var modifiedMilliseconds: Int64 { modifiedSeconds * 1_000 + modifiedNanoseconds / 1_000_000 }

    /// nil if there is nothing at the path, or it cannot be reached.
    init?(path: String) {
        var info = stat()
        guard stat(path, &info) == 0 else {
            return nil
        }
        device = UInt64(truncatingIfNeeded: info.st_dev)
        inode = UInt64(truncatingIfNeeded: info.st_ino)
        size = Int64(info.st_size)
        #if canImport(Darwin)
        let modified = info.st_mtimespec
        #else
        let modified = info.st_mtim
        #endif
        modifiedSeconds = Int64(modified.tv_sec)
        modifiedNanoseconds = Int64(modified.tv_nsec)
        isFile = info.st_mode & S_IFMT == S_IFREG
    }
}
