/// Makes a tree of a parser's events, within limits.
struct TreeBuilder: ~Copyable {
    private let source: SourceText
    private let limits: YAMLLimits
    private var events: EventParser
    /// The node that each anchor stands for, the latest of a name.
    private var anchors: [String: Anchored] = [:]
    /// Values so far, each expansion of an alias counted as if it were written out.
    private var count = 0
    /// The number of brackets and braces that are open.
    private var flowDepth = 0
    /// The offset behind the last key.
    private var keyEnd = 0

    private struct Anchored {
        /// Nil while the value that it names is not read to its end.
        var node: YAMLNode?
        var size: Int
    }

    /// A node and how many nodes it holds with itself.
    private typealias Sized = (node: YAMLNode, size: Int)

    init(_ source: SourceText, _ limits: YAMLLimits, _ events: consuming EventParser) {
        self.source = source
        self.limits = limits
        self.events = events
    }

    /// The value of the one document; nil where there is none.
    mutating func root() throws(YAMLError) -> YAMLNode? {
        var root: YAMLNode?
        var documents = 0
        while true {
            let event = try next()
            switch event.kind {
            case .streamEnd: return root
            case .documentStart:
                documents += 1
                guard documents == 1 else {
                    throw YAMLError(.secondDocument, at: event.start.place, "begins a second document; write one")
                }
            case .streamStart, .documentEnd: break
            default: root = try node(event, depth: 1).node
            }
        }
    }

    private mutating func next() throws(YAMLError) -> Event {
        do throws(YAMLProblem) {
            var event = try events.next()
            (event.start, event.end) = (source.original(event.start), source.original(event.end))
            return event
        } catch {
            var problem = error.syntax
            problem.place = source.original(problem.place)
            problem.contextPlace = source.original(problem.contextPlace)
            throw problem.error(in: source)
        }
    }

    private mutating func node(_ event: Event, depth: Int) throws(YAMLError) -> Sized {
        switch event.kind {
        case .alias(let name): return try aliased(name, event)
        case .scalar: return try scalar(event)
        default: return try collection(event, depth: depth)
        }
    }

    private mutating func scalar(_ event: Event) throws(YAMLError) -> Sized {
        try add(1, at: event)
        let scalar = try written(event)
        let node = YAMLNode(
            content: .scalar(scalar),
            place: event.start.place,
            range: range(event.start, event.end),
            isAlias: false,
            isInFlow: flowDepth > 0
        )
        if let anchor = event.anchor { anchors[anchor] = Anchored(node: node, size: 1) }
        return (node, 1)
    }

    private func written(_ event: Event) throws(YAMLError) -> YAMLScalar {
        guard case .scalar(let text, let style) = event.kind else { preconditionFailure("not the event of a scalar") }
        try check(event.tag, is: "str", at: event)
        let range = range(event.start, event.end)
        let hasProperties = event.anchor != nil || event.tag != nil
        return YAMLScalar(
            text: text,
            style: style,
            tag: event.tag,
            anchor: event.anchor,
            textRange: (hasProperties ? source.textStart(in: range) : range.lowerBound)..<range.upperBound,
            isFollowedByHash: style == .plain && source.isHash(behind: end(of: range))
        )
    }

    /// Returns the offset at which a comment of a plain scalar would stand. In braces what is not there is said to
    /// stand before what follows.
    private func end(of range: Range<Int>) -> Int {
        range.isEmpty && flowDepth > 0 ? source.offset(behindColonFrom: keyEnd) : range.upperBound
    }

    private mutating func collection(_ event: Event, depth: Int) throws(YAMLError) -> Sized {
        try add(1, at: event)
        guard depth <= limits.depth else {
            throw YAMLError(.limit, at: event.start.place, "is nested more than \(limits.depth) levels deep")
        }
        var isList = false
        if case .listStart = event.kind { isList = true }
        try check(event.tag, is: isList ? "seq" : "map", at: event)
        if let anchor = event.anchor { anchors[anchor] = Anchored(node: nil, size: 0) }
        let isInFlow = flowDepth > 0
        if event.isFlow { flowDepth += 1 }
        let (content, size, end) = isList ? try list(depth: depth) : try map(depth: depth)
        if event.isFlow { flowDepth -= 1 }
        let node = YAMLNode(
            content: content,
            place: event.start.place,
            range: range(event.start, end),
            isAlias: false,
            isInFlow: isInFlow
        )
        if let anchor = event.anchor { anchors[anchor] = Anchored(node: node, size: size) }
        return (node, size)
    }

    private mutating func list(depth: Int) throws(YAMLError) -> (YAMLNode.Content, size: Int, end: SourceMark) {
        var items: [YAMLNode] = []
        var size = 1
        while true {
            let event = try next()
            if case .listEnd = event.kind { return (.list(items), size, event.end) }
            let item = try node(event, depth: depth + 1)
            items.append(item.node)
            size += item.size
        }
    }

    private mutating func map(depth: Int) throws(YAMLError) -> (YAMLNode.Content, size: Int, end: SourceMark) {
        var members: [YAMLMember] = []
        var places: [String: YAMLPlace] = [:]
        var size = 1
        while true {
            let event = try next()
            if case .mapEnd = event.kind { return (.map(members), size, event.end) }
            let (key, place) = try key(event)
            if let before = places.updateValue(place, forKey: key.text) {
                let reason = "has a key that stands in its map already, on \(before); take one away"
                throw YAMLError(.duplicateKey, at: place, reason)
            }
            let value = try node(try next(), depth: depth + 1)
            members.append(YAMLMember(key: key, place: place, value: value.node))
            size += value.size + 1
        }
    }

    private mutating func key(_ event: Event) throws(YAMLError) -> (YAMLScalar, YAMLPlace) {
        switch event.kind {
        case .listStart, .mapStart:
            throw YAMLError(.keyNotText, at: event.start.place, "has a list or a map for a key; write a text")
        default: break
        }
        let node = try node(event, depth: 0).node
        guard let key = node.scalar else {
            throw YAMLError(.keyNotText, at: event.start.place, "has a list or a map for a key; write a text")
        }
        if key.text == "<<", key.style == .plain, key.tag == nil {
            throw YAMLError(.merge, at: event.start.place, "merges a map with <<; write its keys out")
        }
        keyEnd = node.range.upperBound
        return (key, node.isAlias ? event.start.place : node.place)
    }

    private mutating func aliased(_ name: String, _ event: Event) throws(YAMLError) -> Sized {
        guard let target = anchors[name] else {
            throw YAMLError(
                .alias,
                at: event.start.place,
                "refers to an anchor that is not there before it; quote a text that begins with *"
            )
        }
        guard let node = target.node else {
            throw YAMLError(.alias, at: event.start.place, "refers to what it stands in itself; write the value out")
        }
        try add(target.size, at: event)
        let here = YAMLNode(
            content: node.content,
            place: node.place,
            range: range(event.start, event.end),
            isAlias: true,
            isInFlow: flowDepth > 0
        )
        return (here, target.size)
    }

    private mutating func add(_ nodes: Int, at event: Event) throws(YAMLError) {
        count += nodes
        guard count <= limits.nodes else {
            let reason = "goes beyond \(limits.nodes) values, each expansion of an alias counted"
            throw YAMLError(.limit, at: event.start.place, reason)
        }
    }

    /// Refuses tags but those that say what is so without them, or that a scalar is a text.
    private func check(_ tag: String?, is kind: String, at event: Event) throws(YAMLError) {
        guard let tag, tag != "tag:yaml.org,2002:\(kind)" else { return }
        throw YAMLError(
            .tag,
            at: event.start.place,
            "has a tag that says nothing here; quote a text that begins with !"
        )
    }

    private func range(_ start: SourceMark, _ end: SourceMark) -> Range<Int> {
        let (first, last) = (source.offset(of: start), source.offset(of: end))
        return first..<max(first, last)
    }
}
