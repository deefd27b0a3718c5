internal import Telemetry

/// One event on its way to being a line.
struct LogLine {
    var time: String
    var level: Logger.Level
    var label: String
    var message: String
    var metadata: Logger.Metadata

    /// Columns for people: time, level, message, then `key=value` in alphabetical order.
    var text: String {
        let level = level.rawValue.uppercased()
        var line =
            "\(time) \(level)\(String(repeating: " ", count: max(0, 8 - level.count))) \(Self.onOneLine(message))"
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            line += "  \(Self.onOneLine(key))=\(Self.quotedIfNeeded("\(value)"))"
        }
        return line
    }

    /// A JSON object: `time`, `level`, `logger`, `message`, and `metadata` if there is any.
    var json: String {
        var line = "{\"time\":\(Self.quoted(time)),\"level\":\"\(level.rawValue)\",\"logger\":\(Self.quoted(label))"
        line += ",\"message\":\(Self.quoted(message))"
        if !metadata.isEmpty {
            line += ",\"metadata\":\(Self.json(.dictionary(metadata)))"
        }
        return line + "}"
    }

    private static func json(_ value: Logger.Metadata.Value) -> String {
        switch value {
        case .string(let text): quoted(text)
        case .stringConvertible(let value): quoted("\(value)")
        case .array(let values): "[" + values.map(json).joined(separator: ",") + "]"
        case .dictionary(let values):
            "{" + values.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(json($0.value))" }.joined(separator: ",")
                + "}"
        @unknown default: quoted("\(value)")
        }
    }

    /// A message may quote what somebody else wrote; a line break in it would make it look like two events.
    private static func onOneLine(_ text: String) -> String {
        text.unicodeScalars.contains(where: isControl) ? String(quoted(text).dropFirst().dropLast()) : text
    }

    private static func quotedIfNeeded(_ text: String) -> String {
        let needsQuotes =
            text.isEmpty || text.unicodeScalars.contains { $0 == " " || $0 == "\"" || $0 == "=" || isControl($0) }
        return needsQuotes ? quoted(text) : text
    }

    /// A JSON string.
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where isControl(scalar):
                let hexadecimal = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// C0, delete and C1, and the two separators that break lines in some viewers: all below U+10000.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value) || (0x2028...0x2029).contains(scalar.value)
    }
}
