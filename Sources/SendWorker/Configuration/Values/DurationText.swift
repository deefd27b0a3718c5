/// Durations as people write them: `250ms`, `30s`, `15m`, `24h`.
package enum DurationText {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
    ]

    private static let otherSpellings: [String: Int64] = [
        "millisecond": 1, "milli": 1, "msec": 1, "second": 1000, "sec": 1000, "minute": 60_000, "min": 60_000,
        "hour": 3_600_000, "hr": 3_600_000, "day": 86_400_000, "d": 86_400_000,
    ]

    /// Reads a whole number and a unit, nothing else; nil for everything that is not that.
    package static func parse(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count)
        guard let number = Int64(digits), let milliseconds = units.first(where: { $0.name == unit })?.milliseconds
        else {
            return nil
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: milliseconds)
        return overflow ? nil : .milliseconds(product)
    }

    /// Writes a duration of whole milliseconds in the largest unit without a rest; minutes and hours from two on, so
    /// that what is often said in seconds stays `60s`.
    package static func show(_ duration: Duration) -> String {
        let total = milliseconds(in: duration)
        let unit = units.last { unit in
            total % unit.milliseconds == 0 && total / unit.milliseconds >= (unit.milliseconds > 1000 ? 2 : 1)
        }
        return unit.map { "\(total / $0.milliseconds)\($0.name)" } ?? "0s"
    }

    /// The duration that was probably meant: `60s` for `60 seconds`; nil if that cannot be told.
    static func suggestion(for text: String) -> String? {
        let compact = text.lowercased().filter { $0 != " " && $0 != "_" }
        let number = compact.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        var unit = String(compact.dropFirst(number.count))
        guard let value = Double(number), value.isFinite, value >= 0, value < 1e12 else {
            return nil
        }
        if unit.isEmpty {
            return value == value.rounded() ? "\(Int64(value))ms or \(Int64(value))s" : nil
        }
        if unit.count > 2, unit.hasSuffix("s") {
            unit.removeLast()
        }
        let known = units.first { $0.name == unit }?.milliseconds ?? otherSpellings[unit]
        return known.map { show(.milliseconds(Int64((value * Double($0)).rounded()))) }
    }

    private static func milliseconds(in duration: Duration) -> Int64 {
        duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    }
}

extension ValueFormat<Duration> {
    /// A duration in a range.
    static func duration(_ range: ClosedRange<Duration>) -> Self {
        let accepted = "\(DurationText.show(range.lowerBound)) to \(DurationText.show(range.upperBound))"
        return ValueFormat(
            typeName: "duration",
            accepted: accepted,
            parse: { text in
                guard let value = DurationText.parse(text) else {
                    let suggestion = DurationText.suggestion(for: text) ?? "it like 250ms, 30s, 15m or 24h"
                    return .failure(ValueRefusal("is not a duration; write \(suggestion)"))
                }
                guard range.contains(value) else {
                    return .failure(ValueRefusal("is out of range; write \(accepted)"))
                }
                return .success(value)
            },
            show: { DurationText.show($0) }
        )
    }
}
