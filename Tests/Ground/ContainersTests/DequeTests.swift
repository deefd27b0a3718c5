import Containers
import Testing

@Suite struct DequeTests {
    @Test func behavesLikeAnArrayUnderRandomOperations() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var deque = Deque<Int>()
            var array: [Int] = []
            for step in 0..<400 {
                switch Int.random(in: 0..<9, using: &random) {
                case 0, 1, 2:
                    deque.append(step)
                    array.append(step)
                case 3:
                    deque.prepend(step)
                    array.insert(step, at: 0)
                case 4:
                    #expect(deque.popFirst() == (array.isEmpty ? nil : array.removeFirst()))
                case 5:
                    #expect(deque.popLast() == array.popLast())
                case 6:
                    let place = Int.random(in: 0...array.count, using: &random)
                    deque.insert(step, at: place)
                    array.insert(step, at: place)
                case 7 where !array.isEmpty:
                    let place = Int.random(in: 0..<array.count, using: &random)
                    #expect(deque.remove(at: place) == array.remove(at: place))
                case 8 where !array.isEmpty:
                    let place = Int.random(in: 0..<array.count, using: &random)
                    deque[place] = -step
                    array[place] = -step
                default: break
                }
                #expect(deque.count == array.count)
            }
            #expect(Array(deque) == array)
        }
    }

    @Test func aCopyKeepsItsElements() {
        var first: Deque = [1, 2, 3]
        let second = first
        first.removeFirst(2)
        first.append(4)
        #expect(Array(first) == [3, 4])
        #expect(second == [1, 2, 3])
    }

    @Test func letsGoOfWhatWasRemoved() {
        final class Thing {}
        var deque = Deque<Thing>()
        weak var gone: Thing?
        do {
            let thing = Thing()
            gone = thing
            deque.append(thing)
            deque.append(Thing())
        }
        #expect(gone != nil)
        deque.removeFirst()
        #expect(gone == nil)
        deque.removeAll(keepingCapacity: true)
        #expect(deque.isEmpty)
    }

    @Test func givesTheRestBehindAnIndexInOrder() {
        var deque = Deque(0..<10)
        deque.removeFirst(7)
        deque.append(contentsOf: 10..<14)
        #expect(Array(deque.suffix(from: 2)) == [9, 10, 11, 12, 13])
        #expect(deque.last == 13)
        #expect(deque.first == 7)
    }
}
