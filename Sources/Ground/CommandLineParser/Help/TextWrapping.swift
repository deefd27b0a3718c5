extension String {
    /// This text in lines that fit, each indented. Lines that are there stay lines; a word that does not fit stays whole.
    func wrapped(to columns: Int, indent: Int = 0) -> String {
        let room = max(columns - indent, 1)
        let margin = String(repeating: " ", count: indent)
        return split(separator: "\n", omittingEmptySubsequences: false)
            .flatMap { Self.pieces(of: $0, room: room) }
            .map { $0.isEmpty ? "" : margin + $0 }
            .joined(separator: "\n")
    }

    private static func pieces(of line: Substring, room: Int) -> [Substring] {
        var pieces: [Substring] = []
        var rest = line
        while rest.dropFirst(room).first != nil {
            guard let space = rest.prefix(room).lastIndex(of: " ") ?? rest.firstIndex(of: " ") else { break }
            pieces.append(rest[..<space])
            rest = rest[rest.index(after: space)...]
        }
        return pieces + [rest]
    }
}
