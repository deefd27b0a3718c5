/// Numbers that are the same for a seed on every machine, so that a failure can be had again.
struct Draw: RandomNumberGenerator {
    private var state: UInt64

    /// - Parameter place: What is drawn for: numbers of one place do not depend on how many were drawn for another.
    init(seed: UInt64, _ purpose: Purpose, _ place: Int) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 &+ purpose.rawValue &* 0xD1B5_4A32_D192_ED03 &+ UInt64(place)
        _ = next()
    }

    enum Purpose: UInt64 {
        case round = 1
        case call, connection, answer, resolver, weather
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func isHit(percent: Int) -> Bool { number(in: 0...99) < percent }

    mutating func number(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func one<Element>(of elements: [Element]) -> Element { elements[number(in: 0...elements.count - 1)] }

    /// One of the elements, each as often as its weight says.
    mutating func one<Element>(of elements: [Element], weight: (Element) -> Int) -> Element {
        var rest = number(in: 0...elements.reduce(0) { $0 + weight($1) } - 1)
        for element in elements {
            rest -= weight(element)
            if rest < 0 { return element }
        }
        preconditionFailure("no element has a weight")
    }
}
