extension ValueFormat<Int> {
    /// A whole number in a range.
    static func integer(_ range: ClosedRange<Int>) -> Self {
        let accepted = "\(range.lowerBound) to \(range.upperBound)"
        return ValueFormat(
            typeName: "whole number",
            accepted: accepted,
            parse: { text in
                guard let value = Int(text) else {
                    let digits = text.filter { !"_, ".contains($0) }
                    let suggestion = Int(digits).flatMap { range.contains($0) ? String($0) : nil } ?? accepted
                    return .failure(ValueRefusal("is not a whole number; write \(suggestion)"))
                }
                guard range.contains(value) else {
                    return .failure(ValueRefusal("is out of range; write \(accepted)"))
                }
                return .success(value)
            },
            show: { String($0) }
        )
    }
}

extension ValueFormat<Double> {
    /// A decimal number in a range.
    static func decimal(_ range: ClosedRange<Double>) -> Self {
        let accepted = "\(shown(range.lowerBound)) to \(shown(range.upperBound))"
        return ValueFormat(
            typeName: "number",
            accepted: accepted,
            parse: { text in
                guard let value = Double(text), value.isFinite else {
                    return .failure(ValueRefusal("is not a number; write \(accepted)"))
                }
                guard range.contains(value) else {
                    return .failure(ValueRefusal("is out of range; write \(accepted)"))
                }
                return .success(value)
            },
            show: { shown($0) }
        )
    }

    /// `2` instead of `2.0`.
    private static func shown(_ value: Double) -> String {
        let text = String(value)
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
