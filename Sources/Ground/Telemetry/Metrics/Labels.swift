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

/// The values of a label that has no others.
package typealias MetricLabel = CaseIterable & Hashable & RawRepresentable<String> & Sendable

/// An element for each case of a label with few cases. A look at each case is cheaper than hashing one.
///
/// Public, since only then is a look compiled for the label at hand where it is used, which is for every message.
public struct LabelTable<Label: CaseIterable & Equatable, Element> {
    @usableFromInline let labels: [Label]
    @usableFromInline let elements: [Element]

    /// - Parameter labels: The cases that have an element; nil for all.
    package init(_ labels: [Label]? = nil, _ make: (Label) -> Element) {
        self.labels = labels ?? Array(Label.allCases)
        elements = self.labels.map(make)
    }

    /// The label's element; nil for a case that has none.
    @inlinable public subscript(label: Label) -> Element? {
        labels.firstIndex(of: label).map { elements[$0] }
    }
}

extension LabelTable: Sendable where Label: Sendable, Element: Sendable {}
