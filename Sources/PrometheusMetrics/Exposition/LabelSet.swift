/// The labels of one series, as they are written between the braces: sorted by name, escaped, each name once.
struct LabelSet: Hashable, Comparable, Sendable {
    /// `name="value",…`; empty where there are no labels.
    let text: String

    /// A name that occurs more than once keeps its last value. `reserved` is taken by the exposition itself (`le`) and
    /// is renamed.
    init(_ labels: [(String, String)], reserved: String? = nil) {
        var values: [String: String] = [:]
        for (name, value) in labels {
            var name = MetricName.sanitisedLabel(name)
            if name == reserved { name += "_" }
            values[name] = value
        }
        text =
            values
            .sorted { $0.key < $1.key }
            .map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
            .joined(separator: ",")
    }

    static func < (left: LabelSet, right: LabelSet) -> Bool { left.text < right.text }

    private static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == 0x22 || $0 == 0x5C || $0 == 0x0A }) else { return value }
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
