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
    /// A text that is never shown.
    static var secret: Self {
        ValueFormat(
            typeName: "secret",
            accepted: "a text",
            parse: { text in
                text.isEmpty || text.contains(where: \.isNewline)
                    ? .failure(ValueRefusal("is empty or has more than one line; write a text"))
                    : .success(SecretText(text))
            },
            show: { $0.description }
        )
    }
}
