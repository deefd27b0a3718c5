/// Counts durations in nanoseconds with a precision of 3 %, in constant memory; count, sum and maximum are exact.
struct Histogram {
    private static let exactValues = 64
    private static let stepsPerDoubling = 32

    private var buckets = [UInt64](repeating: 0, count: exactValues + 58 * stepsPerDoubling)
    private(set) var count: UInt64 = 0
    private(set) var sum: UInt64 = 0
    private(set) var maximum: UInt64 = 0

    mutating func record(_ value: UInt64) {
        buckets[Self.bucket(of: value)] += 1
        count += 1
        sum += value
        maximum = max(maximum, value)
    }

    mutating func add(_ other: Histogram) {
        for index in buckets.indices { buckets[index] += other.buckets[index] }
        count += other.count
        sum += other.sum
        maximum = max(maximum, other.maximum)
    }

    var mean: Double { count == 0 ? 0 : Double(sum) / Double(count) }

    /// The value that a share (0 to 1) of all values do not exceed; 0 without values.
    func quantile(_ share: Double) -> UInt64 {
        guard count > 0 else { return 0 }
        let wanted = max(UInt64((Double(count) * share).rounded(.up)), 1)
        var seen: UInt64 = 0
        for (index, number) in buckets.enumerated() {
            seen += number
            if seen >= wanted { return min(Self.middle(of: index), maximum) }
        }
        return maximum
    }

    private static func bucket(of value: UInt64) -> Int {
        guard value >= UInt64(exactValues) else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        let step = Int((value >> UInt64(exponent - 5)) & 31)
        return exactValues + (exponent - 6) * stepsPerDoubling + step
    }

    private static func middle(of bucket: Int) -> UInt64 {
        guard bucket >= exactValues else { return UInt64(bucket) }
        let exponent = UInt64((bucket - exactValues) / stepsPerDoubling)
        let step = UInt64((bucket - exactValues) % stepsPerDoubling)
        let width = UInt64(2) << exponent
        return (UInt64(stepsPerDoubling) + step) * width + width / 2
    }
}
