import InstagramMessaging

extension JSONWriter {
    /// Writes a member whose value is a number; `null` where there is none or it is not finite.
    mutating func member(_ name: String, number value: Double?) {
        let text = value.flatMap { $0.isFinite ? "\((($0 * 1_000).rounded() / 1_000))" : nil } ?? "null"
        member(name, raw: Array(text.utf8))
    }

    /// Opens an object as a member.
    mutating func beginObject(_ name: String) {
        self.name(name)
        beginObject()
    }

    /// Opens an array as a member.
    mutating func beginArray(_ name: String) {
        self.name(name)
        beginArray()
    }

    /// All that has been written.
    var text: String { String(decoding: bytes, as: UTF8.self) }
}
