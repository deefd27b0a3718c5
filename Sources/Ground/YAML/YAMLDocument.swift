/// The limits on how much of a document is taken.
package struct YAMLLimits: Sendable, Hashable {
    package var bytes = 64 * 1_048_576
    /// Scalars, lists and maps, keys too; each expansion of an alias counts as if it were written out.
    package var nodes = 2_000_000
    /// Lists and maps in each other.
    package var depth = 64

    package init() {}
}

/// A YAML or JSON text as a tree.
///
/// Stricter than YAML is: one document; texts for keys, each once in its map; no `<<`, and no tags but those that say
/// nothing new. Values are bounded in depth and number.
package struct YAMLDocument: Sendable {
    /// Nil where nothing stands in the text but comments.
    package let root: YAMLNode?
    /// The bytes that all ranges count in.
    package let source: [UInt8]
    /// Whether it holds what JSON alone allows, so that it has to stay JSON.
    let isStrictlyJSON: Bool

    /// Reads a text.
    package init(_ source: [UInt8], limits: YAMLLimits = YAMLLimits()) throws(YAMLError) {
        guard source.count <= limits.bytes else {
            let place = YAMLPlace(line: 1, column: 1)
            throw YAMLError(.limit, at: place, "begins a text of more than \(limits.bytes) bytes")
        }
        let text = try SourceText(source)
        self.source = source
        isStrictlyJSON = text.pairs != nil
        root = try text.parsed.withUnsafeBufferPointer { buffer throws(YAMLError) in
            // The parser borrows the buffer, and both end here.
            let events = EventParser(borrowing: buffer)
            var builder = TreeBuilder(text, limits, events)
            return try builder.root()
        }
    }

    /// Reads a text.
    package init(_ text: String, limits: YAMLLimits = YAMLLimits()) throws(YAMLError) {
        try self.init(Array(text.utf8), limits: limits)
    }

    /// Whether a text is written over several lines of which YAML makes one, with a blank in the place of each line end:
    /// a long text that an editor has wrapped, say.
    package func isFolded(_ scalar: YAMLScalar) -> Bool {
        var written = source[scalar.textRange]
        while let last = written.last, last.isBlank || last.isLineEnd { written = written.dropLast() }
        switch scalar.style {
        case .literal: return false
        case .folded:
            // The block's header is a line of its own.
            let lines = written.split(whereSeparator: \.isLineEnd).filter { !$0.allSatisfy(\.isBlank) }
            return lines.count > 2
        case .plain, .singleQuoted: return written.contains(where: \.isLineEnd)
        case .doubleQuoted:
            return written.indices.contains { written[$0].isLineEnd && !isEscaped(lineEndAt: $0) }
        }
    }

    /// Whether a backslash joins a line of a quoted text to the next one without a blank.
    private func isEscaped(lineEndAt offset: Int) -> Bool {
        let before = source[..<offset]
        let isPair = source[offset] == UInt8(ascii: "\n") && before.last == UInt8(ascii: "\r")
        return (isPair ? before.dropLast() : before).last == UInt8(ascii: "\\")
    }
}
