/// How often which duration occurred, in 2 KB however many there are; quantiles are off by 3 % at most.
///
/// Each power of two is divided into 16 equal steps. What is longer than a day and a half counts as that.
struct LatencyHistogram: Sendable, Hashable {
    private static let stepBits = 4
    private static let steps = 1 << stepBits
    /// 2^37 microseconds are 38 hours.
    private static let longest: Int64 = 1 << 37
    private static let places = index(of: longest) + 1

    private(set) var count = 0
    private var counts = [UInt32](repeating: 0, count: places)

    mutating func record(microseconds: Int64) {
        counts[Self.index(of: min(max(microseconds, 0), Self.longest))] &+= 1
        count += 1
    }

    mutating func add(_ other: LatencyHistogram) {
        guard other.count > 0 else { return }
        for index in counts.indices { counts[index] &+= other.counts[index] }
        count += other.count
    }

    /// The duration that this share of all is not longer than, in microseconds; nil where there is none.
    ///
    /// - Parameter share: 0.5 for the median.
    func quantile(_ share: Double) -> Int64? {
        guard count > 0 else { return nil }
        let rank = min(max(Int((share * Double(count)).rounded(.up)), 1), count)
        var seen = 0
        for (index, count) in counts.enumerated() where count > 0 {
            seen += Int(count)
            if seen >= rank { return Self.middle(of: index) }
        }
        return nil
    }

    private static func index(of value: Int64) -> Int {
        guard value >= steps else { return Int(value) }
        let octave = 63 - value.leadingZeroBitCount
        let step = Int(value >> Int64(octave - stepBits)) - steps
        return (octave - stepBits + 1) * steps + step
    }

    private static func middle(of index: Int) -> Int64 {
        guard index >= steps else { return Int64(index) }
        let shift = Int64(index / steps - 1)
        let first = Int64(steps + index % steps) << shift
        return first + ((1 << shift) - 1) / 2
    }
}
