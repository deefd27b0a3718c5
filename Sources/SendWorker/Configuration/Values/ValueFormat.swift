/// How the values of one type of key are written, read and shown.
struct ValueFormat<Value: Sendable>: Sendable {
    /// A word or two for the type: `duration`.
    let typeName: String
    /// What may be written: `1ms to 10s`.
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
