/// Guesses which name was meant.
enum Spelling {
    /// The known name that differs least, where it differs by no more than two letters or only in case, `_` and `-`.
    static func nearest(to name: String, among known: [String]) -> String? {
        guard (3...40).contains(name.utf8.count) else { return nil }
        if let sameLetters = known.first(where: { letters(of: $0) == letters(of: name) }) { return sameLetters }
        let candidates = known.map { (name: $0, distance: distance(Array(name.utf8), Array($0.utf8))) }
        guard let best = candidates.min(by: { $0.distance < $1.distance }), best.distance <= 2,
            best.distance < best.name.utf8.count - 1
        else { return nil }
        return best.name
    }

    private static func letters(of name: String) -> [UInt8] {
        name.utf8.filter(\.isLetterOrDigit).map { $0 | 0x20 }
    }

    /// How many letters have to be inserted, deleted or replaced.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var previous = Array(0...right.count)
        for (row, leftByte) in left.enumerated() {
            var current = [row + 1]
            for (column, rightByte) in right.enumerated() {
                let replaced = previous[column] + (leftByte == rightByte ? 0 : 1)
                current.append(min(replaced, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[right.count]
    }
}
