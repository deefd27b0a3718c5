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
            if Self.needsQuotes(text) { bytes.appendJSON(text) } else { bytes += text.utf8 }
        }
    }

    /// A JSON object: `time`, `level`, `logger`, `message`, and `metadata` if there is any.
    private func appendJSON(to bytes: inout [UInt8]) {
        bytes += #"{"time":"#.utf8
        bytes.appendJSON(time)
        bytes += #","level":"#.utf8
        bytes.appendJSON(level.rawValue)
        bytes += #","logger":"#.utf8
        bytes.appendJSON(label)
        bytes += #","message":"#.utf8
        bytes.appendJSON(message)
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
        case .string(let text): bytes.appendJSON(text)
        case .stringConvertible(let value): bytes.appendJSON(value.description)
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
            bytes.appendJSON(key)
            bytes.append(UInt8(ascii: ":"))
            appendJSON(value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// A message may quote what somebody else wrote; a line break in it would make it look like two events.
    private static func appendOnOneLine(_ text: String, to bytes: inout [UInt8]) {
        if text.unicodeScalars.contains(where: \.isControl) { bytes.appendEscaped(text) } else { bytes += text.utf8 }
    }

    private static func needsQuotes(_ text: String) -> Bool {
        text.isEmpty || text.unicodeScalars.contains { $0 == " " || $0 == "\"" || $0 == "=" || $0.isControl }
    }
}
