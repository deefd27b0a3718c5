#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The refusal of a step by the system.
package struct SystemError: Error, CustomStringConvertible {
    package let code: Int32

    /// The error of the call that failed just now.
    package static var latest: SystemError { SystemError(code: errno) }

    package var description: String { String(cString: strerror(code)) }
}

/// The bytes of files that commands read as a whole.
package enum FileBytes {
    private static let portion = 65_536

    /// Reads a file to its end.
    package static func contents(of path: String) throws(SystemError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .latest }
        defer { close(descriptor) }
        return try contents(of: descriptor)
    }

    /// Reads standard input to its end.
    package static func contentsOfStandardInput() throws(SystemError) -> [UInt8] {
        try contents(of: STDIN_FILENO)
    }

    private static func contents(of descriptor: Int32) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: portion)
        while true {
            let count = part.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            if count > 0 {
                bytes += part[..<count]
            } else if errno != EINTR {
                throw .latest
            }
        }
    }
}
