extension ValueFormat<Int> {
    /// A whole number in a range.
    static func integer(_ range: ClosedRange<Int>) -> Self {
        let accepted = "\(range.lowerBound) to \(range.upperBound)"
        return ValueFormat(
            typeName: "whole number",
            accepted: accepted,
            parse: { text in
                if let hint = NumberText.hintAtBase(of: text) {
                    return .failure(ValueRefusal("is not a whole number; \(hint)"))
                }
                guard NumberText.isWhole(text) else {
                    let digits = text.filter { !"_, ".contains($0) }
                    let suggestion = Int(digits).flatMap { range.contains($0) ? String($0) : nil } ?? accepted
                    return .failure(ValueRefusal("is not a whole number; write \(suggestion)"))
                }
                // What no integer can hold is out of range too.
                guard let value = Int(text), range.contains(value) else {
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
                if let hint = NumberText.hintAtBase(of: text) {
                    return .failure(ValueRefusal("is not a number; \(hint)"))
                }
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

/// How people write numbers.
private enum NumberText {
    /// Whether a text is digits, with a sign or without.
    static func isWhole(_ text: String) -> Bool {
        let digits =
            text.utf8.first.map { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") } == true
            ? text.utf8.dropFirst() : text.utf8[...]
        return !digits.isEmpty && digits.allSatisfy(ValueFormat<String>.isDigit)
    }

    /// What to write instead of `0666`, `0o666` or `08`, which are octal to some and decimal to others; nil for all else.
    static func hintAtBase(of text: String) -> String? {
        guard text.hasPrefix("0"), text.utf8.count > 1 else { return nil }
        let rest = text.dropFirst()
        if let octal = rest.first.flatMap({ "oO".contains($0) ? Int(rest.dropFirst(), radix: 8) : nil }) {
            return "write \(octal) for octal \(rest.dropFirst())"
        }
        guard rest.utf8.first.map(ValueFormat<String>.isDigit) == true, Double(text) != nil else { return nil }
        let decimal = rest.drop { $0 == "0" }
        let number = decimal.utf8.first.map(ValueFormat<String>.isDigit) == true ? String(decimal) : "0\(decimal)"
        guard let octal = Int(rest, radix: 8), String(octal) != number else { return "write \(number)" }
        return "write \(number), or \(octal) for octal \(rest)"
    }
}
