/// The labels of one series, as they are written between the braces: sorted by name, escaped.
struct LabelSet: Hashable, Comparable, Sendable {
    /// `name="value",…`; empty where there are no labels.
    let text: String

    init(_ labels: [(name: String, value: String)]) {
        text =
            labels
            .sorted { $0.name < $1.name }
            .map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
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
