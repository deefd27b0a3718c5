import Testing

@testable import SendEngine

@Suite struct TimeHeapTests {
    @Test(arguments: 1...20)
    func `slots come out in the order of their times whatever was changed or withdrawn`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var heap = TimeHeap()
        var model: [Int32: Int64] = [:]
        for _ in 0..<2_000 {
            let slot = Int32.random(in: 0..<100, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                heap.remove(slot)
                model[slot] = nil
            case 1:
                let time = Int64.random(in: 0..<50, using: &random)
                if let popped = heap.popFirst(upTo: time) {
                    #expect(model[popped] == model.values.min())
                    #expect((model[popped] ?? .max) <= time)
                    model[popped] = nil
                } else {
                    #expect((model.values.min() ?? .max) > time)
                }
            default:
                let time = Int64.random(in: 0..<50, using: &random)
                heap.set(slot, to: time)
                model[slot] = time
            }
            #expect(heap.firstTime == model.values.min())
            #expect(heap.count == model.count)
            #expect(heap.time(of: slot) == model[slot])
        }
    }
}
