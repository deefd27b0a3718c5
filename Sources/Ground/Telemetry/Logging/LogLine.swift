/// One event on its way to being a line.
struct LogLine {
    var time: String
    var level: Logger.Level
    var label: String
    var message: String
    var metadata: Logger.Metadata

    /// The line with its line feed, which is the only one in it.
    func bytes(_ format: LogFormat) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        switch format {
        case .text: appendText(to: &bytes)
        case .json: appendJSON(to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// Columns for people: time, level, message, then `key=value` in alphabetical order.
    private func appendText(to bytes: inout [UInt8]) {
        bytes += time.utf8
        bytes.append(UInt8(ascii: " "))
        bytes += Self.columns[level.rank].utf8
        bytes.append(UInt8(ascii: " "))
        Self.appendOnOneLine(message, to: &bytes)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            bytes += "  ".utf8
            Self.appendOnOneLine(key, to: &bytes)
            bytes.append(UInt8(ascii: "="))
            let text = value.description
            if Self.needsQuotes(text) { Self.appendQuoted(text, to: &bytes) } else { bytes += text.utf8 }
        }
    }

    /// A JSON object: `time`, `level`, `logger`, `message`, and `metadata` if there is any.
    private func appendJSON(to bytes: inout [UInt8]) {
        bytes += #"{"time":"#.utf8
        Self.appendQuoted(time, to: &bytes)
        bytes += #","level":"#.utf8
        Self.appendQuoted(level.rawValue, to: &bytes)
        bytes += #","logger":"#.utf8
        Self.appendQuoted(label, to: &bytes)
        bytes += #","message":"#.utf8
        Self.appendQuoted(message, to: &bytes)
        if !metadata.isEmpty {
            bytes += #","metadata":"#.utf8
            Self.appendJSON(metadata, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// The levels in capitals, as wide as the widest of them.
    private static let columns = Logger.Level.allCases.map { level in
        let name = level.rawValue.uppercased()
        return name + String(repeating: " ", count: 8 - name.utf8.count)
    }

    private static func appendJSON(_ value: Logger.MetadataValue, to bytes: inout [UInt8]) {
        switch value {
        case .string(let text): appendQuoted(text, to: &bytes)
        case .stringConvertible(let value): appendQuoted(value.description, to: &bytes)
        case .dictionary(let values): appendJSON(values, to: &bytes)
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                appendJSON(value, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        }
    }

    private static func appendJSON(_ values: Logger.Metadata, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        for (index, (key, value)) in values.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            appendQuoted(key, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            appendJSON(value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }
}

extension LogLine {
    /// A message may quote what somebody else wrote; a line break in it would make it look like two events.
    private static func appendOnOneLine(_ text: String, to bytes: inout [UInt8]) {
        if text.unicodeScalars.contains(where: isControl) {
            appendEscaped(text, to: &bytes)
        } else {
            bytes += text.utf8
        }
    }

    private static func needsQuotes(_ text: String) -> Bool {
        text.isEmpty || text.unicodeScalars.contains { $0 == " " || $0 == "\"" || $0 == "=" || isControl($0) }
    }

    /// A JSON string.
    private static func appendQuoted(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        appendEscaped(text, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// The inside of a JSON string.
    private static func appendEscaped(_ text: String, to bytes: inout [UInt8]) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": bytes += "\\\"".utf8
            case "\\": bytes += "\\\\".utf8
            case "\n": bytes += "\\n".utf8
            case "\r": bytes += "\\r".utf8
            case "\t": bytes += "\\t".utf8
            case _ where isControl(scalar):
                bytes += "\\u".utf8
                bytes += Hexadecimal.text(UInt64(scalar.value), digits: 4).utf8
            default: bytes += scalar.utf8
            }
        }
    }

    /// C0, delete and C1, and the two separators that break lines in some viewers: all below U+10000.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || (0x2028...0x2029).contains(scalar.value)
    }
}
