/// Finds the name that somebody probably meant.
enum NearestName {
    /// The candidate with the fewest edits from a text, upper and lower case being equal; nil if none is near.
    ///
    /// - Parameter limit: The most edits; nil for a third of the text's length, and never less than 2.
    static func of(_ text: String, among candidates: [String], limit: Int? = nil) -> String? {
        let wanted = Array(text.lowercased().utf8)
        let limit = limit ?? max(2, wanted.count / 3)
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let distance = distance(from: wanted, to: Array(candidate.lowercased().utf8))
            if distance <= limit, distance < best?.distance ?? .max {
                best = (candidate, distance)
            }
        }
        return best?.name
    }

    /// The number of bytes to insert, remove, replace or swap with their neighbour.
    private static func distance(from left: [UInt8], to right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, leftByte) in left.enumerated() {
            var current = [row + 1]
            for (column, rightByte) in right.enumerated() {
                var cost = min(
                    last[column] + (leftByte == rightByte ? 0 : 1),
                    last[column + 1] + 1,
                    current[column] + 1
                )
                if row > 0, column > 0, leftByte == right[column - 1], left[row - 1] == rightByte {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
