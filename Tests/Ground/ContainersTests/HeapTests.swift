import Containers
import Testing

@Suite struct HeapTests {
    @Test func givesItsElementsInAscendingOrder() {
        for count in [0, 1, 2, 3, 10, 1_000] {
            let numbers = (0..<count).map { _ in Int.random(in: 0..<100) }
            var heap = Heap<Int>()
            for number in numbers { heap.insert(number) }
            #expect(heap.count == count)
            #expect(heap.min == numbers.min())
            var sorted: [Int] = []
            while let next = heap.popMin() { sorted.append(next) }
            #expect(sorted == numbers.sorted())
            #expect(heap.isEmpty)
        }
    }

    @Test func keepsItsOrderWhereSomeAreRemoved() {
        var heap = Heap<Int>()
        for number in (0..<500).shuffled() { heap.insert(number) }
        heap.removeAll { !$0.isMultiple(of: 7) }
        var left: [Int] = []
        while let next = heap.popMin() { left.append(next) }
        #expect(left == Array(stride(from: 0, to: 500, by: 7)))
    }
}
