/// What Graph's error codes mean for a message: the whole classification as data, in one place.
///
/// Graph's message texts are localised and change, and its HTTP statuses contradict each other, so only the code and
/// the subcode decide. ``rows`` are the documented codes of the Messenger and Instagram messaging APIs and those
/// observed on `graph.instagram.com`. Class and scope are independent: the one says what happens to the request, the other
/// what else waits.
public struct GraphErrorTable: Sendable {
    /// What one code, one code with a subcode, or a range of codes means.
    public struct Row: Sendable, Hashable {
        /// Graph's `code`; more than one where Graph gives a whole range one meaning.
        public var codes: ClosedRange<Int>
        /// Graph's `error_subcode`; nil for the code on its own, and but for ``codesOfSingleMessages`` for all its subcodes
        /// that have no row.
        public var subcode: Int?
        /// What may be done next.
        public var outcomeClass: OutcomeClass
        /// Whom the answer concerns.
        public var scope: ErrorScope
        /// Which feature, where the scope is one and it is not the message's own; nil for that one.
        public var feature: MessageFeature?
        /// Only three such answers in a row, to different people, hold what the scope names.
        public var needsRepetition: Bool
        /// What the result's `error.category` says.
        public var category: ErrorCategory
        /// What the code means, in a few words.
        public var note: String

        /// Creates a row.
        public init(
            codes: ClosedRange<Int>,
            subcode: Int? = nil,
            outcomeClass: OutcomeClass,
            scope: ErrorScope? = nil,
            feature: MessageFeature? = nil,
            needsRepetition: Bool = false,
            category: ErrorCategory,
            note: String
        ) {
            self.codes = codes
            self.subcode = subcode
            self.outcomeClass = outcomeClass
            self.scope = scope ?? outcomeClass.usualScope
            self.feature = feature
            self.needsRepetition = needsRepetition
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

    /// Codes under which Meta gives new subcodes to single messages: one without a row concerns no more than its message.
    public static let codesOfSingleMessages: [ClosedRange<Int>] = [3...3, 10...10, 100...100, 200...299, 508...508]

    /// The row for an error; nil where neither the code nor the code with the subcode has one.
    ///
    /// A subcode without a row of its own falls back to its code, but for ``codesOfSingleMessages`` and codes without a row:
    /// there it is a refusal of the message.
    public func row(code: Int, subcode: Int?) -> Row? {
        guard let subcode else { return codeRow(code) }
        if let row = exact[Key(code: code, subcode: subcode)] { return row }
        let row = codeRow(code)
        let isOfMessage = Self.codesOfSingleMessages.contains { $0.contains(code) }
        if let row, !isOfMessage { return row }
        return Row(
            codes: code...code,
            subcode: subcode,
            outcomeClass: .refused,
            category: row?.category ?? .graphError,
            note: "a refusal that is not documented"
        )
    }

    private func codeRow(_ code: Int) -> Row? {
        exact[Key(code: code, subcode: nil)] ?? ranges.first { $0.codes.contains(code) }
    }
}
