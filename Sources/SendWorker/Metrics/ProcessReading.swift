#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What the operating system says of this process. Only Linux tells all of it.
struct ProcessReading: Sendable {
    /// User and system time since the start, in seconds.
    var cpuSeconds: Double
    /// Nil where the system has no `/proc`.
    var residentBytes: Int?
    var openDescriptors: Int?
    var maximumDescriptors: Int?
    var threads: Int?

    /// Reads it now.
    init() {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        cpuSeconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        let status = Self.lines(of: "/proc/self/status")
        residentBytes = Self.number(after: "VmRSS:", in: status).map { $0 * 1024 }
        threads = Self.number(after: "Threads:", in: status)
        openDescriptors = Self.entries(of: "/proc/self/fd")
        maximumDescriptors = Self.number(after: "Max open files", in: Self.lines(of: "/proc/self/limits"))
    }

    /// The first number behind a line's beginning; nil where there is no such line, or "unlimited" stands there.
    static func number(after beginning: String, in lines: [Substring]) -> Int? {
        guard let line = lines.first(where: { $0.hasPrefix(beginning) }) else { return nil }
        return line.dropFirst(beginning.count).split { $0 == " " || $0 == "\t" }.first.flatMap { Int($0) }
    }

    private static func lines(of path: String) -> [Substring] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        // Both files have less than 2 KB.
        var bytes = [UInt8](repeating: 0, count: 8_192)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return [] }
        return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
    }

    private static func entries(of path: String) -> Int? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Not the two that stand for folders, nor the one that was opened for this.
        return max(count - 3, 0)
    }
}
