#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

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
