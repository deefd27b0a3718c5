import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A client's TLS settings that follow the file of certificates that are trusted beside the system's.
///
/// A new file makes a new context, without the tickets of the old one, for the connections to come. A broken one, or
/// none, leaves the last good context in use.
package final class ReloadingTLSContext: Sendable {
    package enum Change: Equatable, Sendable {
        case none
        case replaced
        /// The file changed and cannot be used; told once for each change.
        case refused(TLSError)
    }

    private let caFile: String?
    private let state: Mutex<State>

    package init(caFile: String?) throws(TLSError) {
        self.caFile = caFile
        // Taken before the file is read: a change meanwhile is seen by the next look.
        let version = caFile.flatMap(FileVersion.init)
        state = Mutex(State(context: try TLSContext.client(caFile: caFile), version: version))
    }

    /// The context that new connections use.
    package var current: TLSContext { state.withLock(\.context) }

    /// Looks at the file, reads it if it has changed, and says what came of it.
    package func reloadIfChanged() -> Change {
        guard let caFile else { return .none }
        let version = FileVersion(caFile)
        let isChanged = state.withLock { state in
            defer { state.version = version }
            return state.version != version
        }
        guard isChanged else { return .none }
        do throws(TLSError) {
            // Outside of the lock: it takes a while, and connections are made meanwhile.
            let context = try TLSContext.client(caFile: caFile)
            state.withLock { $0.context = context }
            return .replaced
        } catch {
            return .refused(error)
        }
    }

    private struct State {
        var context: TLSContext
        var version: FileVersion?
    }
}

/// The look of a file without reading it; another one in its place, or other content, looks different.
private struct FileVersion: Equatable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let seconds: Int
    private let nanoseconds: Int

    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(truncatingIfNeeded: status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        #if canImport(Darwin)
        let modified = status.st_mtimespec
        #else
        let modified = status.st_mtim
        #endif
        seconds = modified.tv_sec
        nanoseconds = modified.tv_nsec
    }
}
