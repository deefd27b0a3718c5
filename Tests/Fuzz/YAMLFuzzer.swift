// Compiled together with the sources of YAML into one module: see README.md.

/// What libFuzzer calls with every input: the bytes as a document.
///
/// Ends the process where something does not hold together; libFuzzer then keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    YAMLFuzzTarget.check([UInt8](UnsafeBufferPointer(start: start, count: count)))
    return 0
}

enum YAMLFuzzTarget {
    private static let limits: YAMLLimits = {
        var limits = YAMLLimits()
        limits.nodes = 5_000
        return limits
    }()

    /// What scalars are replaced with; each is a text that some style cannot hold.
    private static let texts = ["EAA|x-_.", "a #b", "it's \"so\"\\", "~", "", "a: b,]}", "\u{1}\u{85}ä😀\r\n"]

    static func check(_ bytes: [UInt8]) {
        do throws(YAMLError) {
            let document = try YAMLDocument(bytes, limits: limits)
            guard let root = document.root else { return }
            var nodes: [YAMLNode] = []
            collect(root, into: &nodes, depth: 1)
            precondition(nodes.count <= limits.nodes, "more values than the limit")
            checkPlaces(nodes, in: document)
            replaceOne(of: nodes, in: document)
        } catch {
            precondition(error.place.line >= 1 && error.place.column >= 1, "a place that is none")
            let lines = bytes.count { $0 == 0x0a || $0 == 0x0d || $0 == 0x85 || $0 == 0xa8 || $0 == 0xa9 } + 2
            precondition(error.place.line <= lines, "a place behind the end")
        }
    }

    private static func collect(_ node: YAMLNode, into nodes: inout [YAMLNode], depth: Int) {
        precondition(depth <= limits.depth + 1, "deeper than the limit")
        nodes.append(node)
        switch node.content {
        case .scalar: break
        case .list(let items):
            for item in items { collect(item, into: &nodes, depth: depth + 1) }
        case .map(let members):
            precondition(Set(members.map(\.key.text)).count == members.count, "a key stands twice")
            for member in members { collect(member.value, into: &nodes, depth: depth + 1) }
        }
    }

    /// Ranges lie in the source, and what is quoted begins and ends with its quotes.
    private static func checkPlaces(_ nodes: [YAMLNode], in document: YAMLDocument) {
        for node in nodes {
            precondition(node.range.upperBound <= document.source.count, "a range behind the end")
            precondition(node.place.line >= 1 && node.place.column >= 1, "a place that is none")
            if node.isAlias {
                precondition(document.source[node.range.lowerBound] == UInt8(ascii: "*"), "an alias without its star")
                continue
            }
            guard let scalar = node.scalar, !scalar.textRange.isEmpty else { continue }
            let text = document.source[scalar.textRange]
            switch scalar.style {
            case .singleQuoted: precondition(text.first == UInt8(ascii: "'") && text.last == UInt8(ascii: "'"), "no '")
            case .doubleQuoted:
                precondition(text.first == UInt8(ascii: "\"") && text.last == UInt8(ascii: "\""), "no \"")
            case .literal: precondition(text.first == UInt8(ascii: "|"), "a block without its |")
            case .folded: precondition(text.first == UInt8(ascii: ">"), "a block without its >")
            case .plain: break
            }
        }
    }

    /// A scalar that is replaced reads as the new text, and all else reads as before.
    private static func replaceOne(of nodes: [YAMLNode], in document: YAMLDocument) {
        // Which one and with what is decided by the input, so that a finding is found again.
        let seed = document.source.reduce(into: UInt64(document.source.count)) { $0 = $0 &* 31 &+ UInt64($1) }
        let index = Int(seed % UInt64(nodes.count))
        let text = texts[Int(seed / 7_919 % UInt64(texts.count))]
        guard let edit = document.edit(replacing: nodes[index], with: text),
            // A key that is an alias of the value would become another key, which may stand there already.
            !isKey(edit.range, in: document.root)
        else { return }
        let written = document.applying([edit])
        guard let again = try? YAMLDocument(written, limits: limits) else {
            fatalError("no document any more: \(String(decoding: written, as: UTF8.self))")
        }
        var (before, after) = ([Line](), [Line]())
        document.root.map { list($0, replacing: edit.range, with: text, into: &before) }
        again.root.map { list($0, replacing: nil, with: "", into: &after) }
        precondition(before == after, "something else was changed: \(String(decoding: written, as: UTF8.self))")
    }

    private static func isKey(_ range: Range<Int>, in node: YAMLNode?) -> Bool {
        switch node?.content {
        case .map(let members):
            members.contains { $0.key.textRange.lowerBound == range.lowerBound || isKey(range, in: $0.value) }
        case .list(let items): items.contains { isKey(range, in: $0) }
        default: false
        }
    }

    private enum Line: Equatable {
        case null
        case text(String)
        case list(Int)
        case map([String])
    }

    /// What a tree says, with every scalar that is written in a range replaced: aliases stand for it elsewhere too.
    private static func list(
        _ node: YAMLNode,
        replacing range: Range<Int>?,
        with text: String,
        into lines: inout [Line]
    ) {
        switch node.content {
        case .scalar(let scalar):
            let places = node.isAlias ? [node.range, scalar.textRange] : [scalar.textRange]
            let isReplaced = places.contains { !$0.isEmpty && $0.lowerBound == range?.lowerBound }
            lines.append(isReplaced ? .text(text) : scalar.isNull ? .null : .text(scalar.text))
        case .list(let items):
            lines.append(.list(items.count))
            for item in items { list(item, replacing: range, with: text, into: &lines) }
        case .map(let members):
            lines.append(.map(members.map(\.key.text)))
            for member in members { list(member.value, replacing: range, with: text, into: &lines) }
        }
    }
}
