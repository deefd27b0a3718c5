/// The reason why a text is not taken, and the place. Repeats nothing of the text, which may be a secret.
package struct YAMLError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        case notUTF8
        case syntax
        case duplicateKey
        case secondDocument
        case merge
        case tag
        case alias
        case keyNotText
        /// Too long, too deep, or too many values once aliases are expanded.
        case limit
    }

    package let kind: Kind
    package let place: YAMLPlace
    /// The fault and what would be right, to be read behind the place: `has a tag; quote a text that begins with !`.
    package let reason: String

    init(_ kind: Kind, at place: YAMLPlace, _ reason: String) {
        self.kind = kind
        self.place = place
        self.reason = reason
    }

    /// `line 3 column 5 is not YAML: …`
    package var description: String { "\(place) \(reason)" }
}

/// The complaint of libyaml about a text that it cannot read.
struct SyntaxProblem {
    var problem: String
    var place: SourceMark
    /// The work that it was at when it found it: `while parsing a flow mapping`.
    var context: String?
    var contextPlace: SourceMark

    /// The same with the place that helps most, in words that say what to write.
    func error(in source: SourceText) -> YAMLError {
        let byte = source.byte(at: place)
        let end = "found unexpected end of stream"
        switch (problem, byte) {
        case (_, UInt8(ascii: "\t")), ("found a tab character that violates indentation", _),
            ("found a tab character where an indentation space is expected", _):
            return YAMLError(.syntax, at: place.place, "is not YAML: a tab stands where only spaces may; write spaces")
        case ("could not find expected ':'", _):
            let fault =
                source.isMemberWithoutSpace(at: contextPlace)
                ? "the colon of a key needs a space behind it"
                : "a key without a colon and a space behind it; write key: value"
            return YAMLError(.syntax, at: contextPlace.place, "is not YAML: \(fault)")
        case (end, _) where context == "while scanning a quoted scalar":
            return YAMLError(.syntax, at: contextPlace.place, "is not YAML: the quote that begins there has no end")
        case ("mapping values are not allowed in this context", _):
            let hint = "a colon and a space in the middle of a value; quote the value, or begin a new line"
            return YAMLError(.syntax, at: place.place, "is not YAML: \(hint)")
        case ("found character that cannot start any token", _):
            let hint = "no value can begin with the character that stands there; quote the value"
            return YAMLError(.syntax, at: place.place, "is not YAML: \(hint)")
        default:
            guard let context else { return YAMLError(.syntax, at: place.place, "is not YAML: \(problem)") }
            // What is not closed at the end of the text is looked for where it begins.
            let isAtEnd = byte == nil
            let (shown, other) = isAtEnd ? (contextPlace, "") : (place, " that begins on \(contextPlace.place)")
            return YAMLError(.syntax, at: shown.place, "is not YAML: \(problem) \(context)\(other)")
        }
    }
}
