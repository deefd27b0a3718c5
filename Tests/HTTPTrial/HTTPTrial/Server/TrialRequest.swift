import Foundation

/// A request as the server and the calls agree on it: its number is in its path and in its body.
struct TrialRequest: Equatable {
    var id: Int
    var isHead = false
    /// The bytes of the body.
    var length = 0

    /// The path, whose beginning tells the number: it is known of a request of which only some bytes arrived.
    static func path(_ id: Int) -> String {
        let digits = String(id)
        return "/t/" + String(repeating: "0", count: digitCount - digits.count) + digits
    }

    static let digitCount = 8

    /// Text that is another one for every mark, cheap to make at any length.
    static func text(_ mark: String, count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        var bytes = Array("\(mark);".utf8)
        bytes.reserveCapacity(2 * count)
        while bytes.count < count { bytes += bytes }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    static func body(_ id: Int, count: Int) -> [UInt8] { text("request-\(id)", count: count) }

    /// The number of the request whose first bytes these are; nil where they do not tell it yet.
    static func id(in bytes: some Collection<UInt8>) -> Int? {
        let line = bytes.prefix(8 + digitCount)
        guard let slash = line.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        let digits = line[slash...].dropFirst(3).prefix(digitCount)
        guard digits.count == digitCount else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }
}

extension [UInt8] {
    // By the system's functions: a build for debugging compares millions of elements in seconds, not milliseconds.

    func begins(with bytes: [UInt8]) -> Bool { count >= bytes.count && memcmp(self, bytes, bytes.count) == 0 }

    /// Where a text stands for the first time.
    func position(of text: String) -> Int? {
        let wanted = Array(text.utf8)
        return withUnsafeBytes { bytes in
            var start = 0
            while start + wanted.count <= bytes.count, let base = bytes.baseAddress {
                guard let found = memchr(base + start, Int32(wanted[0]), bytes.count - start) else { return nil }
                start = UnsafeRawPointer(found) - base
                if bytes.count - start >= wanted.count, memcmp(found, wanted, wanted.count) == 0 { return start }
                start += 1
            }
            return nil
        }
    }
}
