/// Writes the text format, version 0.0.4.
struct ExpositionWriter {
    private(set) var bytes: [UInt8] = []

    mutating func writeHead(_ metric: MetricDeclaration) {
        bytes += "# HELP \(metric.name) \(Self.escapedHelp(metric.help))\n".utf8
        bytes += "# TYPE \(metric.name) \(metric.type.rawValue)\n".utf8
    }

    mutating func writeSample(_ name: String, suffix: String = "", labels: String, extra: String = "", value: String) {
        bytes += name.utf8
        bytes += suffix.utf8
        if !labels.isEmpty || !extra.isEmpty {
            bytes.append(UInt8(ascii: "{"))
            bytes += labels.utf8
            if !labels.isEmpty, !extra.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes += extra.utf8
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: " "))
        bytes += value.utf8
        bytes.append(UInt8(ascii: "\n"))
    }

    /// The shortest text that reads back as the same number; whole numbers without a fraction.
    static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 { return String(whole) }
        return "\(value)"
    }

    private static func escapedHelp(_ help: String) -> String {
        var escaped = ""
        for scalar in help.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
