import Foundation
import Testing

@testable import CommandLineParser

@Suite struct ProcessTests {
    @Test func wordsThatAreNotUTF8AreRefusedWithTheirPlace() throws {
        #expect(try ProcessWords.decode([Array("run".utf8), Array("ü".utf8), []]) == ["run", "ü", ""])
        let error = #expect(throws: UsageError.self) {
            try ProcessWords.decode([Array("run".utf8), [0x63, 0x61, 0x66, 0xe9]])
        }
        #expect(error?.message == "Argument 2 is not UTF-8 ('caf\u{fffd}'); write its bytes in that encoding")
        // A replacement character that was written is one.
        #expect(try ProcessWords.decode([Array("\u{fffd}".utf8)]) == ["\u{fffd}"])
        #expect(throws: UsageError.self) { try ProcessWords.decode([[0xed, 0xa0, 0x80]]) }
        #expect(throws: UsageError.self) { try ProcessWords.decode([[0xc0, 0x80]]) }
    }

    @Test func aFullDeviceIsAFailureThatIsNamed() throws {
        let descriptor = open("/dev/full", O_WRONLY)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let stream = StandardStream(descriptor: descriptor, name: "standard output")
        let failure = #expect(throws: StandardStream.Failure.self) { try stream.write("text") }
        #expect(failure?.isReaderGone == false)
        #expect(failure?.description == "standard output cannot be written: No space left on device")
    }

    @Test func aReaderThatIsGoneIsToldApart() throws {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        close(ends[0])
        defer { close(ends[1]) }
        let failure = #expect(throws: StandardStream.Failure.self) {
            try StandardStream(descriptor: ends[1], name: "standard output").write("text")
        }
        #expect(failure?.isReaderGone == true)
    }

    @Test(.timeLimit(.minutes(1))) func longTextsArriveWholeThroughANonBlockingPipe() async throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        let text = String(repeating: "0123456789", count: 100_000)
        let writer = ends[1]
        let writing = Task.detached {
            try StandardStream(descriptor: writer, name: "a pipe").write(text)
            close(writer)
        }
        let read = try FileHandle(fileDescriptor: ends[0], closeOnDealloc: true).readToEnd()
        try await writing.value
        #expect(read == Data(text.utf8))
    }
}
