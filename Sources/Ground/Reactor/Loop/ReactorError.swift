#if canImport(Darwin)
import Darwin
#else
import Glibc
#endif

/// A call that the system refused.
package struct ReactorError: Error, Hashable, CustomStringConvertible {
    /// The attempt in words that follow "cannot", such as `listen on 127.0.0.1:8080`.
    package var attempt: String
    /// The system's `errno`.
    package var code: Int32

    package init(attempt: String, code: Int32) {
        self.attempt = attempt
        self.code = code
    }

    package var description: String { "cannot \(attempt): \(Self.words(of: code))" }

    /// Whether the process or the system has no descriptor left, which may pass.
    package var isOutOfDescriptors: Bool { code == EMFILE || code == ENFILE }

    /// The system's words for an `errno`.
    package static func words(of code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        _ = strerror_r(code, &buffer, buffer.count)
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return "\(String(decoding: bytes, as: UTF8.self)) (errno \(code))"
    }
}
