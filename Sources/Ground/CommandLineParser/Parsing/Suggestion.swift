/// Finds the name that somebody may have meant.
enum Suggestion {
    /// A sentence that names it; empty where no name is near.
    static func hint(for word: String, among names: [String]) -> String {
        nearest(to: word, among: names).map(hint) ?? ""
    }

    /// A sentence that names what may have been meant.
    static func hint(_ name: String) -> String { ". Did you mean '\(name)'?" }

    /// The nearest of these names, never the word itself; nil where none is near.
    ///
    /// Near is a third of the letters that differ, and three at most: two for seven letters, one for three. Two letters that
    /// have changed places count as one. A name that is the only one to begin with the word is near too.
    static func nearest(to word: String, among names: [String]) -> String? {
        let letters = Array(word.lowercased().drop { $0 == "-" })
        // Nobody who wrote more than this mistyped a name, and the comparison takes time.
        guard !letters.isEmpty, letters.count <= 64 else { return nil }
        var best: (name: String, distance: Int)?
        for name in names where name != word {
            let other = Array(name.drop { $0 == "-" })
            let most = min(max(max(letters.count, other.count) / 3, 1), 3, min(letters.count, other.count) - 1)
            let distance = distance(from: letters, to: other)
            if distance <= most, distance < best?.distance ?? .max { best = (name, distance) }
        }
        if let best { return best.name }
        let longer = names.filter { Array($0.drop { $0 == "-" }).starts(with: letters) && $0 != word }
        return letters.count > 2 && longer.count == 1 ? longer.first : nil
    }

    /// Returns the number of letters that must be put in, left out, replaced or swapped with their neighbour.
    static func distance(from word: [Character], to other: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...other.count)
        for (row, letter) in word.enumerated() {
            var current = [row + 1]
            for (column, counterpart) in other.enumerated() {
                let replaced = last[column] + (letter == counterpart ? 0 : 1)
                var least = min(replaced, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, letter == other[column - 1], word[row - 1] == counterpart {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                current.append(least)
            }
            beforeLast = last
            last = current
        }
        return last[other.count]
    }
}
