internal import CYAML

/// A step through a document, with the place that it stands at.
struct Event {
    enum Kind {
        case scalar(text: String, style: YAMLScalar.Style)
        case alias(String)
        case listStart
        case listEnd
        case mapStart
        case mapEnd
        case documentStart
        case documentEnd
        case streamStart
        case streamEnd
    }

    var kind: Kind
    var start: SourceMark
    var end: SourceMark
    var anchor: String?
    var tag: String?
    /// Whether a list or a map is written in brackets or braces.
    var isFlow = false
}

/// libyaml's parser: the only place that speaks to it.
///
/// The pointers, and how long they live:
/// - the parser keeps a pointer to itself, so it has an address of its own from `init` to `deinit`;
/// - it reads the source where that stands, so whoever makes one keeps the source's buffer until the parser is gone;
/// - an event's texts belong to the event: they are copied before it is deleted, in the call that got it;
/// - a problem's words are constants of the library; they are copied all the same.
struct EventParser: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>

    /// - Parameter source: UTF-8 without a byte order mark; must outlive the parser.
    init(borrowing source: UnsafeBufferPointer<UInt8>) {
        parser = .allocate(capacity: 1)
        guard yaml_parser_initialize(parser) == 1 else { preconditionFailure("no memory for a parser") }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, source.baseAddress, source.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
    }

    /// Reads the next event.
    mutating func next() throws(YAMLProblem) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw YAMLProblem(syntax: problem()) }
        defer { yaml_event_delete(&event) }
        return Self.copied(event)
    }

    private func problem() -> SyntaxProblem {
        SyntaxProblem(
            problem: Self.text(parser.pointee.problem) ?? "malformed",
            place: SourceMark(parser.pointee.problem_mark),
            context: Self.text(parser.pointee.context),
            contextPlace: SourceMark(parser.pointee.context_mark)
        )
    }

    private static func copied(_ event: yaml_event_t) -> Event {
        var copy = Event(kind: .streamStart, start: SourceMark(event.start_mark), end: SourceMark(event.end_mark))
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            copy.kind = .scalar(text: String(decoding: bytes, as: UTF8.self), style: style(scalar.style))
            (copy.anchor, copy.tag) = (text(scalar.anchor), text(scalar.tag))
        case YAML_ALIAS_EVENT:
            copy.kind = .alias(text(event.data.alias.anchor) ?? "")
        case YAML_SEQUENCE_START_EVENT:
            let list = event.data.sequence_start
            copy.kind = .listStart
            (copy.anchor, copy.tag) = (text(list.anchor), text(list.tag))
            copy.isFlow = list.style == YAML_FLOW_SEQUENCE_STYLE
        case YAML_MAPPING_START_EVENT:
            let map = event.data.mapping_start
            copy.kind = .mapStart
            (copy.anchor, copy.tag) = (text(map.anchor), text(map.tag))
            copy.isFlow = map.style == YAML_FLOW_MAPPING_STYLE
        case YAML_SEQUENCE_END_EVENT: copy.kind = .listEnd
        case YAML_MAPPING_END_EVENT: copy.kind = .mapEnd
        case YAML_DOCUMENT_START_EVENT: copy.kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: copy.kind = .documentEnd
        case YAML_STREAM_START_EVENT: copy.kind = .streamStart
        default: copy.kind = .streamEnd
        }
        return copy
    }

    private static func style(_ style: yaml_scalar_style_t) -> YAMLScalar.Style {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
        case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
        case YAML_LITERAL_SCALAR_STYLE: .literal
        case YAML_FOLDED_SCALAR_STYLE: .folded
        default: .plain
        }
    }

    private static func text(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        bytes.map { String(decodingCString: $0, as: UTF8.self) }
    }

    private static func text(_ characters: UnsafePointer<CChar>?) -> String? {
        characters.map { String(cString: $0) }
    }
}

/// The complaint of libyaml, before the place is found in the source.
struct YAMLProblem: Error {
    let syntax: SyntaxProblem
}

extension SourceMark {
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(index: Int(mark.index), line: Int(mark.line), column: Int(mark.column))
    }
}
