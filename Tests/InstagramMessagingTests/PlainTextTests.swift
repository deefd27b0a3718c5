import Testing

@testable import InstagramMessaging

@Suite("Bytes of a JSON string that stand for themselves", .timeLimit(.minutes(1)))
struct PlainTextTests {
    /// What `PlainText.end` says, byte by byte.
    private func end(in bytes: [UInt8], from start: Int) -> (end: Int, isASCII: Bool) {
        let end = bytes[start...].firstIndex { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C } ?? bytes.count
        return (end, bytes[start..<end].allSatisfy { $0 < 0x80 })
    }

    private func expectEnd(in bytes: [UInt8], from start: Int, location: SourceLocation = #_sourceLocation) {
        var isASCII = true
        let found = bytes.withUnsafeBufferPointer { PlainText.end(in: $0, from: start, isASCII: &isASCII) }
        let expected = end(in: bytes, from: start)
        #expect(found == expected.end, "in \(bytes) from \(start)", sourceLocation: location)
        #expect(isASCII == expected.isASCII, "in \(bytes) from \(start)", sourceLocation: location)
    }

    @Test(
        "every byte is seen at every place, whatever stands beside it",
        arguments: [0x00, 0x21, 0x7F, 0x80, 0xA2, 0xFF] as [UInt8]
    )
    func everyByte(neighbour: UInt8) {
        for place in 0..<20 {
            for byte in UInt8.min...UInt8.max {
                var bytes = [UInt8](repeating: neighbour, count: 20)
                bytes[place] = byte
                expectEnd(in: bytes, from: 0)
                expectEnd(in: bytes, from: place)
            }
        }
        expectEnd(in: [], from: 0)
    }

    @Test("texts of random bytes come to the same end as byte by byte")
    func randomBytes() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...40, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0x18...0x88, using: &random) }
            expectEnd(in: bytes, from: Int.random(in: 0...count, using: &random))
        }
    }

    @Test("what is written is read again, whatever stands in it")
    func thereAndBack() throws {
        var random = SeededRandom(seed: 8)
        for _ in 0..<5_000 {
            let count = Int.random(in: 0...30, using: &random)
            let scalars = (0..<count).map { _ in Unicode.Scalar(UInt8.random(in: 0...0xFF, using: &random)) }
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars)
            var writer = JSONWriter()
            writer.string(text)
            let read = try JSONReader.read(writer.bytes).string
            #expect(read.map { Array($0.utf8) } == Array(text.utf8))
        }
    }

    @Test(
        "integers are written as Swift writes them",
        arguments: [0, 1, 9, 10, 99, 100, 1_234_567_890, -1, -10, Int64.max - 1, .max, .min]
    )
    func integers(number: Int64) {
        var writer = JSONWriter()
        writer.integer(number)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "\(number)")
        var unsigned = JSONWriter()
        unsigned.integer(UInt64.max - number.magnitude)
        #expect(String(decoding: unsigned.bytes, as: UTF8.self) == "\(UInt64.max - number.magnitude)")
    }
}
