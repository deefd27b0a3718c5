/// The way in which the values of one type of key are written, read and shown.
struct ValueFormat<Value: Sendable>: Sendable {
    /// A word or two for the type: `duration`.
    let typeName: String
    /// The values that may be written: `1ms to 10s`.
    let accepted: String
    /// Reads a value; the refusal says what is wrong and what would be right.
    let parse: @Sendable (String) -> Result<Value, ValueRefusal>
    /// Shows a value the way it is written.
    let show: @Sendable (Value) -> String
}

/// Why a text is not a value: `is not a duration; write 60s`. It never repeats the text, which may be a secret.
struct ValueRefusal: Error, Hashable {
    let reason: String

    /// The part after the key, the value and its source.
    init(_ reason: String) {
        self.reason = reason
    }
}

extension ValueFormat where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of a few words.
    static func choice(_: Value.Type = Value.self) -> Self {
        let words = Value.allCases.map(\.rawValue)
        let accepted = [words.dropLast().joined(separator: ", "), words.last ?? ""].joined(separator: " or ")
        return ValueFormat(
            typeName: "choice",
            accepted: accepted,
            parse: { text in
                if let value = Value(rawValue: text) {
                    return .success(value)
                }
                let hint = NearestName.of(text, among: words).map { "; did you mean \($0)?" } ?? ""
                return .failure(ValueRefusal("is not one of the accepted words; write \(accepted)\(hint)"))
            },
            show: \.rawValue
        )
    }
}

extension ValueFormat<Bool> {
    /// `true` or `false`.
    static var boolean: Self {
        ValueFormat(
            typeName: "boolean",
            accepted: "true or false",
            parse: { text in
                switch text {
                case "true": return .success(true)
                case "false": return .success(false)
                default:
                    let lowercased = text.lowercased()
                    if ["true", "yes", "on", "1", "y"].contains(lowercased) {
                        return .failure(ValueRefusal("is not true or false; write true"))
                    }
                    if ["false", "no", "off", "0", "n"].contains(lowercased) {
                        return .failure(ValueRefusal("is not true or false; write false"))
                    }
                    return .failure(ValueRefusal("is not true or false; write true or false"))
                }
            },
            show: { $0 ? "true" : "false" }
        )
    }
}

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

/// The way in which people write numbers.
private enum NumberText {
    /// Whether a text is digits, with a sign or without.
    static func isWhole(_ text: String) -> Bool {
        let digits =
            text.utf8.first.map { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") } == true
            ? text.utf8.dropFirst() : text.utf8[...]
        return !digits.isEmpty && digits.allSatisfy(ValueFormat<String>.isDigit)
    }

    /// The text to write instead of `0666`, `0o666` or `08`, which are octal to some and decimal to others; else nil.
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

extension ValueFormat<String> {
    /// Any text without control characters; empty only where the key is optional.
    static func text(_ typeName: String = "text", accepted: String) -> Self {
        checked(typeName, accepted: accepted) { text in
            text.isEmpty || text.unicodeScalars.contains { $0.properties.generalCategory == .control }
                ? "is empty or holds control characters" : nil
        }
    }

    /// A path of a file or a directory.
    static var path: Self {
        text("path", accepted: "a path")
    }

    /// A topic name that Kafka takes.
    static var topic: Self {
        checked("topic", accepted: "1 to 249 of A-Z a-z 0-9 . _ -") { text in
            let isLegal = (1...249).contains(text.utf8.count) && text != "." && text != ".."
            return isLegal
                && text.utf8.allSatisfy { isWordByte($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
                ? nil : "is not a topic name"
        }
    }

    /// A version of the Graph API.
    static var graphVersion: Self {
        let accepted = "\(WorkerConfiguration.Graph().version) or another version of that shape"
        return checked("version", accepted: accepted) { text in
            let parts = text.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
            let isVersion =
                text.hasPrefix("v") && parts.count == 2
                && parts.allSatisfy { !$0.isEmpty && $0.count <= 4 && $0.utf8.allSatisfy(isDigit) }
            return isVersion ? nil : "is not a version"
        }
    }

    /// A format whose values are the text itself.
    ///
    /// - Parameter fault: Returns the fault of a text; nil if there is none.
    static func checked(
        _ typeName: String,
        accepted: String,
        fault: @escaping @Sendable (String) -> String?
    ) -> Self {
        ValueFormat(
            typeName: typeName,
            accepted: accepted,
            parse: { text in
                fault(text).map { .failure(ValueRefusal("\($0); write \(accepted)")) } ?? .success(text)
            },
            show: { $0 }
        )
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    static func isWordByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
