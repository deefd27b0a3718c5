import OperatorTools
import Testing

@Suite struct PaceTests {
    @Test func withoutARateNothingWaits() {
        var pace = Pace(rate: nil)
        #expect(pace.batch == 1_000)
        #expect(pace.wait(before: 1_000, elapsed: .zero) == .zero)
        #expect(pace.wait(before: 1_000, elapsed: .zero) == .zero)
    }

    @Test(arguments: [1, 3, 20, 999, 100_000])
    func aRateIsKeptOverAnySecond(rate: Int) {
        var pace = Pace(rate: rate)
        var now = Duration.zero
        var starts: [Duration] = []
        while now < .seconds(3) {
            now += pace.wait(before: pace.batch, elapsed: now)
            starts.append(now)
        }
        for start in starts {
            let inSecond = starts.filter { $0 >= start && $0 < start + .seconds(1) }.count * pace.batch
            // The batch that begins the second has been waited for already.
            #expect(inSecond <= rate + pace.batch)
        }
        #expect((starts.count - 1) * pace.batch >= rate * 2)
    }

    @Test func timeThatWasLostIsNotMadeUpFor() {
        var pace = Pace(rate: 10)
        #expect(pace.wait(before: 2, elapsed: .zero) == .zero)
        #expect(pace.wait(before: 2, elapsed: .seconds(5)) == .zero)
        #expect(pace.wait(before: 2, elapsed: .seconds(5)) == .milliseconds(200))
    }
}
