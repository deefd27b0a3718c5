import Testing

@testable import SendEngine

@Suite struct CommitPaceTests {
    @Test func `slow commits are reported once, the first of a producer not at all`() {
        var pace = CommitPace()
        let taken: [Int64] = [1_200, 1_100, 20, 2_000, 2_000, 2_000, 2_000, 20, 2_000, 2_000, 2_000]
        let reported = taken.map { pace.note($0 * 1_000_000) }
        #expect(reported.indices.filter { reported[$0] } == [5])
    }
}
