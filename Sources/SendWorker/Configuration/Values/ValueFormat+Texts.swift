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
        checked("version", accepted: "v23.0 or another version of that shape") { text in
            let parts = text.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
            let isVersion =
                text.hasPrefix("v") && parts.count == 2
                && parts.allSatisfy { !$0.isEmpty && $0.count <= 4 && $0.utf8.allSatisfy(isDigit) }
            return isVersion ? nil : "is not a version"
        }
    }

    /// A format whose values are the text itself.
    ///
    /// - Parameter fault: What is wrong with a text, nil if nothing is.
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

extension ValueFormat<SecretText> {
    /// A text that is never shown, on one line; line ends behind it are taken off.
    static var secret: Self {
        line { _ in nil }
    }

    /// The secret of an application at Meta.
    static var appSecret: Self {
        // An equals sign may be a part of it: only Meta's tokens are known to have none near their beginning.
        line { text in SecretWrapping(of: text).flatMap { $0 == .name ? nil : $0.description } }
    }

    /// - Parameter fault: What else is wrong with a text, nil if nothing is.
    private static func line(_ fault: @escaping @Sendable (Substring) -> String?) -> Self {
        ValueFormat(
            typeName: "secret",
            accepted: "a text",
            parse: { text in
                SecretText.line(of: text).flatMap { secret in
                    let line = secret.revealed[...]
                    if line.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
                        return .failure(ValueRefusal("holds a control character; write it anew"))
                    }
                    return fault(line).map { .failure(ValueRefusal($0)) } ?? .success(secret)
                }
            },
            show: { $0.description }
        )
    }
}

extension SecretText {
    /// Takes a text from outside that has to be one line; line ends behind it are taken off. The refusal repeats nothing.
    static func line(of text: String) -> Result<SecretText, ValueRefusal> {
        let line = text.withoutLineEnds
        if line.isEmpty { return .failure(ValueRefusal("is empty; write a text")) }
        if line.holdsLineBreak { return .failure(ValueRefusal("holds a line break; write it on one line")) }
        // What a reader puts in the place of half a character; the secret is another then.
        if line.unicodeScalars.contains("\u{FFFD}") {
            return .failure(ValueRefusal("holds a character that cannot be read; write it anew"))
        }
        return .success(SecretText(String(line)))
    }
}
