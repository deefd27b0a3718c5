import Testing

@testable import SendWorker

@Suite struct LatencyHistogramTests {
    @Test func quantilesAreOffByThreePercentAtMost() throws {
        for scale in [1, 7, 900, 30_000, 4_000_000] as [Int64] {
            var histogram = LatencyHistogram()
            for value in 1...1_000 as ClosedRange<Int64> { histogram.record(microseconds: value * scale) }
            for (share, exact) in [(0.5, 500 * scale), (0.99, 990 * scale), (0.001, scale)] {
                let found = try #require(histogram.quantile(share))
                #expect(abs(Double(found - exact)) <= Double(exact) * 0.0325, "\(share) of \(scale): \(found)")
            }
            #expect(histogram.count == 1_000)
        }
    }

    @Test func anEmptyHistogramHasNoQuantile() {
        #expect(LatencyHistogram().quantile(0.5) == nil)
    }

    @Test func whatCannotBeIsTakenForTheNearestThatCan() throws {
        var histogram = LatencyHistogram()
        histogram.record(microseconds: -5)
        #expect(histogram.quantile(1) == 0)
        histogram.record(microseconds: .max)
        #expect(try #require(histogram.quantile(1)) >= 130_000_000_000)
    }

    @Test func aSumHoldsBoth() {
        var (one, other) = (LatencyHistogram(), LatencyHistogram())
        for _ in 0..<3 { one.record(microseconds: 2) }
        other.record(microseconds: 9)
        one.add(other)
        #expect(one.count == 4)
        #expect(one.quantile(0.75) == 2)
        #expect(one.quantile(1) == 9)
    }
}
