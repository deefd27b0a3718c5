/// What Graph's error codes mean for a message: the whole classification as data, in one place.
///
/// Graph's message texts are localised and change, and its HTTP statuses contradict each other, so only the code and
/// the subcode decide. ``rows`` are the documented codes of the Messenger and Instagram messaging APIs and those
/// observed on `graph.instagram.com`.
public struct GraphErrorTable: Sendable {
    /// What one code, one code with a subcode, or a range of codes means.
    public struct Row: Sendable, Hashable {
        /// Graph's `code`; more than one where Graph gives a whole range one meaning.
        public var codes: ClosedRange<Int>
        /// Graph's `error_subcode`; nil for the code on its own and for all its subcodes that have no row.
        public var subcode: Int?
        /// What may be done next.
        public var outcomeClass: OutcomeClass
        /// What the result's `error.category` says.
        public var category: ErrorCategory
        /// What the code means, in a few words.
        public var note: String

        /// Creates a row.
        public init(
            codes: ClosedRange<Int>,
            subcode: Int? = nil,
            outcomeClass: OutcomeClass,
            category: ErrorCategory,
            note: String
        ) {
            self.codes = codes
            self.subcode = subcode
            self.outcomeClass = outcomeClass
            self.category = category
            self.note = note
        }
    }

    private struct Key: Hashable {
        var code: Int
        var subcode: Int?
    }

    /// The table that answers are classified by.
    public static let standard = GraphErrorTable(rows: standardRows)

    /// All rows; no code and subcode pair has two.
    public let rows: [Row]
    private let exact: [Key: Row]
    private let ranges: [Row]

    /// Creates a table; of two rows for the same code and subcode the first one counts.
    public init(rows: [Row]) {
        self.rows = rows
        let single = rows.filter { $0.codes.count == 1 }
        exact = Dictionary(
            single.map { (Key(code: $0.codes.lowerBound, subcode: $0.subcode), $0) },
            uniquingKeysWith: { first, _ in first }
        )
        ranges = rows.filter { $0.codes.count > 1 }
    }

    /// The row for an error; a subcode without a row of its own falls back to its code, a code without one to nil.
    public func row(code: Int, subcode: Int?) -> Row? {
        if let subcode, let row = exact[Key(code: code, subcode: subcode)] { return row }
        if let row = exact[Key(code: code, subcode: nil)] { return row }
        return ranges.first { $0.codes.contains(code) && ($0.subcode == nil || $0.subcode == subcode) }
    }
}
