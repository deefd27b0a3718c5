/// Rows in columns. The columns widen when rows need it, so that rows may come piece by piece.
struct Table {
    private let titles: [String]
    private var widths: [Int]
    private var hasTitles = false

    init(_ titles: [String]) {
        self.titles = titles
        widths = titles.map(\.count)
    }

    /// The lines of these rows, the titles before the first.
    mutating func lines(_ rows: [[String]]) -> [String] {
        guard !rows.isEmpty else { return [] }
        for row in rows {
            for (column, text) in row.enumerated() { widths[column] = max(widths[column], text.count) }
        }
        let all = hasTitles ? rows : [titles] + rows
        hasTitles = true
        return all.map(line)
    }

    /// The last column ends where its text ends.
    private func line(_ row: [String]) -> String {
        row.enumerated().map { column, text in
            column == row.count - 1 ? text : text.padding(to: widths[column])
        }.joined(separator: "  ")
    }
}

extension String {
    /// This text with spaces behind it up to a width.
    func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(width - count, 0))
    }
}
