import Foundation
import Synchronization
import Testing

@testable import Telemetry

/// A pipe whose reader may be slow.
private final class Pipe: Sendable {
    let readEnd: Int32
    let writeEnd: Int32

    init() {
        var ends: [Int32] = [0, 0]
        precondition(pipe(&ends) == 0)
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    /// Whatever there is until `marker` has come.
    func read(until marker: String) -> String {
        var all: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = Foundation.read(readEnd, &part, part.count)
            guard count > 0 else { return String(decoding: all, as: UTF8.self) }
            all += part[..<count]
            if all.last == UInt8(ascii: "\n"), String(decoding: all.suffix(200), as: UTF8.self).contains(marker) {
                return String(decoding: all, as: UTF8.self)
            }
        }
    }

    func closeReader() { close(readEnd) }

    func closeAll() {
        close(readEnd)
        close(writeEnd)
    }
}

@Suite("Log output", .timeLimit(.minutes(1)))
struct LogOutputTests {
    private func logger(_ output: LogOutput, _ format: LogFormat = .text) -> Logger {
        Logger(label: "test", to: LogSink(format: format, output: output) { "T" })
    }

    @Test("lines of many threads are whole and each thread's are in order")
    func threads() async {
        let pipe = Pipe()
        defer { pipe.closeAll() }
        let logger = logger(LogOutput(descriptor: pipe.writeEnd, limit: .max))
        let long = String(repeating: "x", count: 5_000)
        let reader = Task.detached { pipe.read(until: "the end") }
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    for number in 0..<200 { logger.info("\(long)", metadata: ["n": "\(number)", "t": "\(thread)"]) }
                }
            }
        }
        logger.info("the end")
        let lines = await reader.value.split(separator: "\n")
        #expect(lines.count == 801)
        for thread in 0..<4 {
            let own = lines.filter { $0.hasSuffix("  t=\(thread)") }
            #expect(own == (0..<200).map { "T INFO     \(long)  n=\($0)  t=\(thread)" })
        }
    }

    @Test("a reader that stalls makes nobody wait; what was dropped is counted and told in its place")
    func stalledReader() {
        let pipe = Pipe()
        defer { pipe.closeAll() }
        let output = LogOutput(descriptor: pipe.writeEnd, limit: 10_000)
        let logger = logger(output)
        let total = 20_000
        for number in 0..<total { logger.info("m", metadata: ["n": "\(number)"]) }
        // Only now somebody reads, and there is room again.
        let reader = Thread.detached { pipe.read(until: "the end") }
        while !output.flush(within: .seconds(1)) {}
        logger.info("the end")
        let lines = reader.wait().split(separator: "\n")
        var next = 0
        var dropped = 0
        for line in lines.dropLast() {
            if let number = line.split(separator: "  n=").last.flatMap({ Int($0) }) {
                #expect(number == next, "a line that is missing must be told of")
                next = number + 1
            } else {
                let told = line.split(separator: "dropped=").last.flatMap { Int($0) }
                #expect(line.hasPrefix("T WARNING  log lines were dropped: "))
                next += told ?? 0
                dropped += told ?? 0
            }
        }
        #expect(next == total && dropped > 0)
    }

    @Test("a reader that has gone away ends neither process nor logging", .timeLimit(.minutes(1)))
    func closedReader() async {
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_DFL)
            let pipe = Pipe()
            let output = LogOutput(descriptor: pipe.writeEnd)
            let logger = Logger(label: "test", to: LogSink(output: output) { "T" })
            pipe.closeReader()
            for _ in 0..<100 { logger.info("nobody reads this") }
            precondition(output.flush(within: .seconds(10)))
            logger.info("nor this")
            precondition(output.flush(within: .seconds(10)), "it must not log its own failures in a circle")
            Foundation.exit(EXIT_SUCCESS)
        }
    }

    @Test("what could not be written is told when there is a reader again")
    func fullDisk() throws {
        let pipe = Pipe()
        defer { pipe.closeAll() }
        let full = open("/dev/full", O_WRONLY)
        try #require(full >= 0)
        defer { close(full) }
        let output = LogOutput(descriptor: full)
        let logger = logger(output, .json)
        for _ in 0..<3 {
            logger.info("lost")
            #expect(output.flush(within: .seconds(10)))
        }
        dup2(pipe.writeEnd, full)
        logger.info("the end")
        let text = pipe.read(until: "the end")
        #expect(
            text == """
                {"time":"T","level":"warning","logger":"log","message":"log lines were dropped: whoever reads them was too \
                slow or away","metadata":{"dropped":"3"}}
                {"time":"T","level":"info","logger":"test","message":"the end"}

                """
        )
    }

    @Test("a descriptor that would block is waited for")
    func nonBlocking() {
        let pipe = Pipe()
        defer { pipe.closeAll() }
        _ = fcntl(pipe.writeEnd, F_SETFL, O_NONBLOCK)
        let logger = logger(LogOutput(descriptor: pipe.writeEnd))
        let long = String(repeating: "x", count: 100_000)
        for _ in 0..<5 { logger.info("\(long)") }
        logger.info("the end")
        #expect(pipe.read(until: "the end").utf8.count == 5 * (100_000 + 12) + 19)
    }

    @Test("a line that an error cut off is ended before the next one")
    func cutLine() async {
        await #expect(processExitsWith: .success) {
            signal(SIGXFSZ, SIG_IGN)
            let path = "/tmp/log-\(getpid())"
            let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL, 0o600)
            unlink(path)
            precondition(descriptor >= 0)
            var limit = rlimit()
            #if canImport(Glibc)
            let size = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
            #else
            let size = RLIMIT_FSIZE
            #endif
            getrlimit(size, &limit)
            let before = limit.rlim_cur
            limit.rlim_cur = 10
            setrlimit(size, &limit)
            var file = LineFile(descriptor: descriptor)
            precondition(file.append(Array("first\n2nd is cut\nthird\n".utf8)) == 2)
            limit.rlim_cur = before
            setrlimit(size, &limit)
            precondition(file.append(Array("fourth\n".utf8)) == 0)
            var bytes = [UInt8](repeating: 0, count: 100)
            let count = pread(descriptor, &bytes, bytes.count, 0)
            precondition(String(decoding: bytes[..<count], as: UTF8.self) == "first\n2nd \nfourth\n")
            Foundation.exit(EXIT_SUCCESS)
        }
    }

    @Test("what was logged last before an exit is written")
    func atExit() async throws {
        let result = try await #require(processExitsWith: .exitCode(3), observing: [\.standardErrorContent]) {
            let logger = Logger(label: "test", to: LogSink())
            for number in 0..<500 { logger.info("\(number)") }
            Foundation.exit(3)
        }
        let lines = String(decoding: result.standardErrorContent, as: UTF8.self).split(separator: "\n")
        #expect(lines.filter { $0.contains(" INFO     ") }.count == 500)
        #expect(lines.last?.hasSuffix("INFO     499") == true)
    }
}

@Suite("Log queue")
struct LogQueueTests {
    private let sink = LogSink(output: LogOutput { _ in })

    /// Macros take no mutating calls.
    private func takeNext(_ queue: inout LogQueue) -> LogQueue.Batch? { queue.next() }

    private func line(_ text: String) -> [UInt8] { Array((text + "\n").utf8) }

    @Test("behind a line that is dropped no other is taken before the batch has gone")
    func oneGap() throws {
        var queue = LogQueue(limit: 8)
        for text in ["abc", "defgh", "i", "j"] { queue.append(line(text), from: sink) }
        let batch = try #require(takeNext(&queue))
        #expect(String(decoding: batch.bytes, as: UTF8.self) == "abc\n" && batch.droppedBehind == 3)
        queue.append(line("i"), from: sink)
        let next = try #require(takeNext(&queue))
        #expect(String(decoding: next.bytes, as: UTF8.self) == "i\n" && next.droppedBehind == 0)
        #expect(takeNext(&queue) == nil)
    }

    @Test("a line longer than all the room is written where nothing else waits")
    func longLine() throws {
        var queue = LogQueue(limit: 8)
        queue.append(line("0123456789"), from: sink)
        queue.append(line("a"), from: sink)
        let batch = try #require(takeNext(&queue))
        #expect(batch.bytes.count == 11 && batch.droppedBehind == 1)
    }

    @Test("lines that got lost are told of with the next ones, not for themselves")
    func lost() throws {
        var queue = LogQueue(limit: 8)
        queue.lost = 4
        #expect(takeNext(&queue) == nil)
        queue.append(line("a"), from: sink)
        let first = try #require(takeNext(&queue))
        #expect(first.lostBefore == 4)
        queue.append(line("b"), from: sink)
        let second = try #require(takeNext(&queue))
        #expect(second.lostBefore == 0)
    }
}
