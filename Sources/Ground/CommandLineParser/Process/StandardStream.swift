#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Standard output or standard error. What is written is handed to the system at once, so that whoever reads a pipe sees it
/// when it comes.
package struct StandardStream: Sendable {
    /// A stream that takes no more.
    package struct Failure: Error, CustomStringConvertible {
        /// The system's number of the error.
        package let code: Int32
        let name: String

        /// Whether the reader of a pipe has gone, which is an end as any other.
        package var isReaderGone: Bool { code == EPIPE }

        package var description: String { "\(name) cannot be written: \(String(cString: strerror(code)))" }
    }

    package static let output = StandardStream(descriptor: STDOUT_FILENO, name: "standard output")
    package static let error = StandardStream(descriptor: STDERR_FILENO, name: "standard error")

    let descriptor: Int32
    let name: String

    /// Whether a person looks at it.
    package var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes all of a text. A signal that ends the process by default where a reader is gone is left as it is.
    package func write(_ text: String) throws(Failure) {
        try write(bytes: Array(text.utf8))
    }

    package func write(bytes: [UInt8]) throws(Failure) {
        var left = bytes[...]
        while !left.isEmpty {
            let count = left.withUnsafeBytes { systemWrite($0) }
            if count >= 0 {
                left = left.dropFirst(count)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN, EWOULDBLOCK: waitUntilWritable()
            default: throw Failure(code: errno, name: name)
            }
        }
    }

    private func systemWrite(_ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
        Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    /// Somebody else may have made the terminal's descriptor non-blocking.
    private func waitUntilWritable() {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&waiting, 1, -1)
    }
}
