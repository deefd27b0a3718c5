import Testing

@testable import SendEngine

@Suite struct UnreadGapsTests {
    @Test func `only what was passed over and lies before the start of the log was deleted`() {
        var gaps = UnreadGaps()
        gaps.begin(3, at: 10)
        for offset in [10, 12, 20, 21] as [Int64] { gaps.read(offset, of: 3) }
        let passedOver = gaps.take()
        #expect(passedOver == [3: [11..<12, 13..<20]])
        #expect(UnreadGaps.deleted([11..<12, 13..<20], before: 11) == 0)
        #expect(UnreadGaps.deleted([11..<12, 13..<20], before: 15) == 3)
        #expect(UnreadGaps.deleted([11..<12, 13..<20], before: 100) == 8)
        #expect(gaps.take().isEmpty, "each is judged once")
    }

    @Test func `the first record of a group without an offset, and one that is read again, passes nothing over`() {
        var gaps = UnreadGaps()
        gaps.begin(0, at: nil)
        for offset in [7, 8, 9, 8, 9, 10] as [Int64] { gaps.read(offset, of: 0) }
        #expect(gaps.take().isEmpty)
    }

    @Test func `what was passed over by an earlier owner is not told by the next`() {
        var gaps = UnreadGaps()
        gaps.begin(0, at: 0)
        gaps.read(5, of: 0)
        gaps.remove(0)
        #expect(gaps.take().isEmpty)
        gaps.begin(0, at: 6)
        gaps.read(9, of: 0)
        #expect(gaps.take() == [0: [6..<9]])
    }
}
