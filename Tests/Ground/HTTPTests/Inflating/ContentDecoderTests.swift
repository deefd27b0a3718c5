import CZlib
import Testing

@testable import HTTP

@Suite("Content codings") struct ContentDecoderTests {
    private static let limit = 65_536

    @Test(arguments: ["gzip", "x-gzip", "GZIP", "deflate", "raw"], [1, 2, 3, 7, 1000, 100_000])
    func areUndoneInPiecesOfAnySize(coding: String, size: Int) throws {
        let text = sample(30_000)
        let coded = Deflated.bytes(text, as: coding)
        let name = coding == "raw" ? "deflate" : coding
        #expect(try decode(coded, [name], inPiecesOf: size) == text)
    }

    @Test func seeASecondMember() throws {
        let coded = Deflated.bytes(sample(500), as: "gzip") + Deflated.bytes(sample(700), as: "gzip")
        for size in 1...40 {
            #expect(try decode(coded, ["gzip"], inPiecesOf: size) == sample(500) + sample(700))
        }
    }

    @Test(arguments: [[0, 0, 0], [0x1F], [0x1F, 0x00, 0x01], Array("garbage".utf8)] as [[UInt8]])
    func ignoreWhatFollowsTheMembers(garbage: [UInt8]) throws {
        let coded = Deflated.bytes(sample(500), as: "gzip") + garbage
        for size in [1, 2, 1000] { #expect(try decode(coded, ["gzip"], inPiecesOf: size) == sample(500)) }
    }

    @Test(arguments: ["gzip", "deflate", "raw"])
    func noticeACut(coding: String) throws {
        let coded = Deflated.bytes(sample(5_000), as: coding)
        for count in [1, 2, 5, 12, coded.count / 2, coded.count - 1] {
            #expect(throws: InflateFailure.self) {
                try decode(Array(coded.prefix(count)), [coding == "raw" ? "deflate" : coding], inPiecesOf: 100)
            }
        }
    }

    @Test func noticeACutSecondMember() throws {
        let coded = Deflated.bytes(sample(500), as: "gzip") + Deflated.bytes(sample(700), as: "gzip").prefix(20)
        #expect(throws: InflateFailure.cutOff) { try decode(coded, ["gzip"], inPiecesOf: 8) }
    }

    @Test func noticeWhatIsNotOfTheCoding() {
        #expect(throws: InflateFailure.corrupt) { try decode(sample(100), ["gzip"], inPiecesOf: 10) }
        #expect(throws: InflateFailure.corrupt) { try decode([0xFF, 0xFF, 0xFF], ["deflate"], inPiecesOf: 10) }
    }

    @Test func stopAtTheLimit() throws {
        let exact = [UInt8](repeating: 7, count: Self.limit)
        #expect(try decode(Deflated.bytes(exact, as: "gzip"), ["gzip"], inPiecesOf: 64) == exact)
        let longer = Deflated.bytes(exact + [7], as: "gzip")
        #expect(throws: InflateFailure.tooLong) { try decode(longer, ["gzip"], inPiecesOf: 64) }
        let second = Deflated.bytes(exact, as: "gzip") + Deflated.bytes([7], as: "gzip")
        #expect(throws: InflateFailure.tooLong) { try decode(second, ["gzip"], inPiecesOf: 64) }
    }

    @Test func keepNoMoreThanTheLimitOfABomb() throws {
        let bomb = Deflated.bytes([UInt8](repeating: 0, count: 50_000_000), as: "gzip")
        #expect(bomb.count < 60_000)
        let decoder = try #require(try ContentDecoder.decoder(for: ["gzip"], limit: Self.limit))
        var body: [UInt8] = []
        #expect(throws: InflateFailure.tooLong) {
            try bomb.withUnsafeBytes { bytes in try decoder.decode(bytes, into: &body) }
        }
        #expect(body.count <= Self.limit)
    }

    @Test func onTopOfEachOtherAreUndoneInTurn() throws {
        let text = sample(3_000)
        let coded = Deflated.bytes(Deflated.bytes(text, as: "gzip"), as: "deflate")
        #expect(try decode(coded, ["gzip, deflate"], inPiecesOf: 50) == text)
        #expect(try decode(coded, ["gzip", "deflate"], inPiecesOf: 50) == text)
    }

    @Test func onTopOfEachOtherAreBoundedAtEachStage() throws {
        let inner = Deflated.bytes([UInt8](repeating: 0, count: 20_000_000), as: "gzip")
        let padded = inner + [UInt8](repeating: 0, count: 1_000_000)
        let coded = Deflated.bytes(padded, as: "gzip")
        #expect(coded.count < 20_000)
        #expect(throws: InflateFailure.tooLong) { try decode(coded, ["gzip, gzip"], inPiecesOf: 1000) }
    }

    @Test func threeOnTopOfEachOtherAreRefused() {
        #expect(throws: InflateFailure.tooManyCodings) {
            try ContentDecoder.decoder(for: ["gzip", "gzip, deflate"], limit: 10)
        }
    }

    @Test(arguments: [[], ["identity"], [""], ["br"], ["gzip, br"]])
    func unknownOnesAndNoneLeaveTheBodyAlone(names: [String]) throws {
        #expect(try ContentDecoder.decoder(for: names, limit: 10) == nil)
    }

    @Test func mayHaveNothingToDecode() throws {
        #expect(try decode([], ["gzip"], inPiecesOf: 1) == [])
        #expect(try decode([], ["deflate"], inPiecesOf: 1) == [])
    }

    @Test func surviveRandomBytes() {
        var random = SplitMix64(seed: 7)
        for round in 0..<300 {
            var coded = Deflated.bytes(sample(400), as: round.isMultiple(of: 2) ? "gzip" : "deflate")
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                coded[Int.random(in: 0..<coded.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            let size = Int.random(in: 1...50, using: &random)
            let decoded = try? decode(coded, [round.isMultiple(of: 2) ? "gzip" : "deflate"], inPiecesOf: size)
            #expect((decoded ?? []).count <= Self.limit)
        }
    }

    private func decode(_ bytes: [UInt8], _ names: [String], inPiecesOf size: Int) throws -> [UInt8] {
        let decoder = try #require(try ContentDecoder.decoder(for: names, limit: Self.limit))
        var body: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            try Array(bytes[start..<min(start + size, bytes.count)]).withUnsafeBytes { piece in
                try decoder.decode(piece, into: &body)
            }
        }
        try decoder.finish()
        return body
    }

    /// Text that compresses, but not to nothing.
    private func sample(_ count: Int) -> [UInt8] {
        var random = SplitMix64(seed: UInt64(count))
        return (0..<count).map { _ in UInt8.random(in: 97...110, using: &random) }
    }
}
