/// Makes the ids Graph gives out, from the seed.
struct IdentifierSource {
    private var state: UInt64
    private var messages: UInt64 = 0
    private var attachments: UInt64 = 0
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-".utf8)

    init(seed: UInt64) {
        state = seed
    }

    /// Never given twice in a run.
    mutating func nextMessageID() -> String {
        messages += 1
        return "aWdfc2ltdWxhdGVk" + text(of: messages, count: 6) + text(of: next(), count: 10)
    }

    /// Digits, never given twice in a run.
    mutating func nextAttachmentID() -> String {
        attachments += 1
        return String(2_700_000_000_000_000 + attachments)
    }

    mutating func nextTraceID() -> String {
        "A" + text(of: next(), count: 10) + text(of: next(), count: 12)
    }

    /// The id of the person who wrote a comment, always the same for a comment.
    static func personID(ofComment comment: String) -> String {
        let digits = String(UInt64(truncatingIfNeeded: BodyDigest.of(Array(comment.utf8)) >> 11) % 1_000_000_000_000)
        return "9" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    private func text(of value: UInt64, count: Int) -> String {
        var value = value
        let bytes = (0..<count).map { _ in
            defer { value >>= 6 }
            return Self.alphabet[Int(value & 63)]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
