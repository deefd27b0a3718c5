/// A value that is written as one word of a command line.
package protocol ArgumentValue {
    /// Makes the value of a word; nil where it is none.
    init?(argument: String)

    /// The word that makes this value.
    var argumentText: String { get }

    /// All values, where there are a few; they are shown and completed.
    static var argumentTexts: [String] { get }
}

extension ArgumentValue {
    package static var argumentTexts: [String] { [] }
}

extension ArgumentValue where Self: LosslessStringConvertible {
    package init?(argument: String) { self.init(argument) }

    package var argumentText: String { description }
}

extension String: ArgumentValue {}
extension Int: ArgumentValue {}
extension UInt64: ArgumentValue {}
extension Double: ArgumentValue {}

extension ArgumentValue where Self: RawRepresentable<String> & CaseIterable {
    package init?(argument: String) { self.init(rawValue: argument) }

    package var argumentText: String { rawValue }

    package static var argumentTexts: [String] { allCases.map(\.rawValue) }
}
