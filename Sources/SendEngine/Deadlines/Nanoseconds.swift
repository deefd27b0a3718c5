/// Times and spans on the monotonic clock are plain nanosecond counts; these stay at the end of the range instead of
/// overflowing, so that no setting and no clock can trap.
extension Int64 {
    /// A moment that never comes.
    static var never: Int64 { .max }

    func saturatingAdd(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }

    func saturatingSubtract(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }

    func saturatingMultiply(_ other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
    }

    /// The nearest whole number, at the end of the range for values beyond it; 0 for not-a-number.
    init(saturating value: Double) {
        if value.isNaN {
            self = 0
        } else if value >= 9.2e18 {
            self = .max
        } else if value <= -9.2e18 {
            self = .min
        } else {
            self = Int64(value)
        }
    }
}

extension Duration {
    /// Whole nanoseconds, at the end of the range for longer spans.
    var nanoseconds: Int64 {
        let (seconds, rest) = components
        return seconds.saturatingMultiply(1_000_000_000).saturatingAdd(rest / 1_000_000_000)
    }
}
