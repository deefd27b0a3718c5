import HTTPCodec
import Testing

/// The same bytes mean the same, in whatever pieces they come.
@Suite struct SplitTests {
    private func limits(_ random: inout SeededGenerator) -> HTTPLimits {
        var limits = HTTPLimits()
        guard random.happens(1, in: 3) else { return limits }
        limits.headBytes = Int.random(in: 20...200, using: &random)
        limits.requestLineBytes = Int.random(in: 10...100, using: &random)
        limits.fieldCount = Int.random(in: 0...5, using: &random)
        limits.interimResponses = Int.random(in: 0...2, using: &random)
        limits.bodyBytes = Int.random(in: 0...40, using: &random)
        limits.chunkExtensionBytes = Int.random(in: 0...8, using: &random)
        return limits
    }

    @Test func readsTheSameResponsesOutOfAnyPieces() {
        var whole = 0
        for seed in 1...1_000 as ClosedRange<UInt64> {
            var random = SeededGenerator(seed)
            let bytes = GeneratedMessages.spoil(GeneratedMessages.responses(&random), &random)
            let limits = limits(&random)
            let methods = (0..<3).map { _ in random.choose([HTTPMethod.post, .post, .head, .connect]) }
            let expected = Reader.responses(bytes, to: methods, limits: limits)
            if expected.events.contains("end") { whole += 1 }
            for sizes in [Reader.single, GeneratedMessages.sizes(&random), GeneratedMessages.sizes(&random)] {
                let reading = Reader.responses(bytes, to: methods, sizes: sizes, limits: limits)
                #expect(reading == expected, "seed \(seed), pieces \(sizes)")
            }
        }
        #expect(whole > 200, "most are broken before they say anything")
    }

    @Test func readsTheSameRequestsOutOfAnyPieces() {
        var whole = 0
        for seed in 1...1_000 as ClosedRange<UInt64> {
            var random = SeededGenerator(seed)
            let bytes = GeneratedMessages.spoil(GeneratedMessages.requests(&random), &random)
            let limits = limits(&random)
            let expected = Reader.requests(bytes, limits: limits)
            if expected.events.contains("end") { whole += 1 }
            for sizes in [Reader.single, GeneratedMessages.sizes(&random), GeneratedMessages.sizes(&random)] {
                let reading = Reader.requests(bytes, sizes: sizes, limits: limits)
                #expect(reading == expected, "seed \(seed), pieces \(sizes)")
            }
        }
        #expect(whole > 200, "most are broken before they say anything")
    }
}
