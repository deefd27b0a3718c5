import Testing
import YAML

@Suite struct YAMLTreeTests {
    private static func root(_ text: String) throws -> YAMLNode? { try YAMLDocument(text).root }

    /// A tree as one line: texts in quotes, plain scalars without, null as ~.
    static func shown(_ node: YAMLNode?) -> String {
        switch node?.content {
        case nil: "nothing"
        case .scalar(let scalar):
            scalar.isNull ? "~" : scalar.style == .plain && scalar.tag == nil ? scalar.text : "\"\(scalar.text)\""
        case .list(let items): "[\(items.map(shown).joined(separator: ", "))]"
        case .map(let members):
            "{\(members.map { "\($0.key.text): \(shown($0.value))" }.joined(separator: ", "))}"
        }
    }

    @Test(arguments: [
        ("", "nothing"), ("# nothing\n", "nothing"), ("---\n", "~"), ("hello\n", "hello"), ("- a\n- b\n", "[a, b]"),
        ("a:\n  b: 1\n  c: [x, {y: z}]\n", "{a: {b: 1, c: [x, {y: z}]}}"),
        ("a:\nb: ~\nc: null\nd: Null\ne: NULL\n", "{a: ~, b: ~, c: ~, d: ~, e: ~}"),
        ("a: \"\"\nb: ''\nc: \"null\"\nd: '~'\n", #"{a: "", b: "", c: "null", d: "~"}"#),
        ("password: \"123\"\nversion: \"10.10\"\n", #"{password: "123", version: "10.10"}"#),
        ("country: NO\ntopic: on\naccount: 012345678901\n", "{country: NO, topic: on, account: 012345678901}"),
        ("sha: 25921e05\nid: 1784140000000000123\nat: 12:30\n", "{sha: 25921e05, id: 1784140000000000123, at: 12:30}"),
        ("mode: 0666\na: 0o666\nb: 08\nc: 0x1F\n", "{mode: 0666, a: 0o666, b: 08, c: 0x1F}"),
        ("a: ab#cd\nb: ab # cd\n", "{a: ab#cd, b: ab}"),
        ("a: |\n  x\n  y\nb: >-\n  x\n  y\n", "{a: \"x\ny\n\", b: \"x y\"}"),
        ("a: x\n  y\n", "{a: x y}"), ("a: !!str 5\nb: !!map {}\nc: !!seq []\n", #"{a: "5", b: {}, c: []}"#),
        ("%YAML 1.2\n---\na: 1\n...\n", "{a: 1}"), ("a: \"\\x41\\u00e4\\U0001F600\\0\"", "{a: \"Aä😀\0\"}"),
        ("? a\n: b\n? c\n", "{a: b, c: ~}"), ("ä: ö 😀\n", "{ä: ö 😀}"),
        ("a: 1\r\nb: 2\r\n", "{a: 1, b: 2}"), ("a: 1\rb: 2\r", "{a: 1, b: 2}"), ("\u{feff}a: 1\n", "{a: 1}"),
    ])
    func readsATextAsATree(text: String, tree: String) throws {
        #expect(Self.shown(try Self.root(text)) == tree)
    }

    @Test(arguments: [
        (#"{"a": {"b": [1, 2.5e3, true, false, null, "x"]}}"#, #"{a: {b: [1, 2.5e3, true, false, ~, "x"]}}"#),
        ("{\n\t\"a\":1,\n\t\"b\" : \"\\/\\u00e4\\n\"\n}\n", "{a: 1, b: \"/ä\n\"}"), ("[]", "[]"), ("{}", "{}"),
        (#""x""#, #""x""#), ("12", "12"), (#"{"a":"b","c":["d","e"]}"#, #"{a: "b", c: ["d", "e"]}"#),
    ])
    func readsJSON(text: String, tree: String) throws {
        #expect(Self.shown(try Self.root(text)) == tree)
    }

    @Test func readsJSONsTwoEscapesOfOneCharacter() throws {
        let text =
            #"{"ä\\": "\ud83d\uDE00\\ud83d\u00e4", "b": ["\ud834\udd1e!"],"# + "\n " + #""c": "\udbff\udfff", "d": 1}"#
        let document = try YAMLDocument(text)
        let root = try #require(document.root)
        #expect(Self.shown(root) == "{ä\\: \"😀\\ud83dä\", b: [\"𝄞!\"], c: \"\u{10ffff}\", d: 1}")
        let nodes = try [#require(root["b"]?.list?[0]), #require(root["c"]), #require(root["d"])]
        let texts = nodes.map { String(decoding: document.source[$0.range], as: UTF8.self) }
        #expect(texts == [#""\ud834\udd1e!""#, #""\udbff\udfff""#, "1"])
        #expect(nodes.map(\.place.line) == [1, 2, 2])
        #expect(nodes.map(\.place.column) == [44, 7, 28])
        for text in [#"{"a": '', "b": "\ud83d\ude00"}"#, #"{"a": '', "b": "\ud83d"}"#, #"{"a": "\ud83"}"#] {
            #expect(throws: YAMLError.self) { try YAMLDocument(text) }
        }
        #expect(Self.shown(try Self.root(#"'\ud83d\ude00'"#)) == #""\ud83d\ude00""#)
    }

    @Test func readsHalfOfJSONsTwoEscapesAsWhatCannotBeRead() throws {
        let text = #"{"a": "x\ud83d", "b": "\ude00\ud83d", "c": "\ud83d\u00e4\\ud83d", "d": "\ud83d\ude00", "e": 1}"#
        let document = try YAMLDocument(text)
        let root = try #require(document.root)
        #expect(
            Self.shown(root) == "{a: \"x\u{fffd}\", b: \"\u{fffd}\u{fffd}\", c: \"\u{fffd}ä\\ud83d\", d: \"😀\", e: 1}"
        )
        let last = try #require(root["e"])
        #expect(String(decoding: document.source[last.range], as: UTF8.self) == "1")
    }

    @Test(arguments: [
        ("a: b c", false), ("a: b\n  c", true), ("a: 'b\n  c'", true), ("a: \"b\n  c\"", true),
        ("a: \"b\\\n  c\"", false),
        ("a: \"b\\\r\n  c\"", false), ("a: |\n  b\n  c\n", false), ("a: >\n  b\n  c\n", true), ("a: >\n  b\n\n", false),
        ("a: b\n\n", false), ("{a: b\n}", false),
    ])
    func tellsATextOverSeveralLines(text: String, isFolded: Bool) throws {
        let document = try YAMLDocument(text)
        let scalar = try #require(document.root?["a"]?.scalar)
        #expect(document.isFolded(scalar) == isFolded)
    }

    @Test func knowsWhereEveryValueStandsFromOneOn() throws {
        let document = try YAMLDocument("# ä\na: 1\nbö:\n  - 'x y'\n  - {c: \"ü\", d: e}\n")
        let root = try #require(document.root)
        #expect(root.place == YAMLPlace(line: 2, column: 1))
        #expect(root["a"]?.place.description == "line 2 column 4")
        #expect(root.map?.last?.place == YAMLPlace(line: 3, column: 1))
        let list = try #require(root["bö"]?.list)
        #expect(list.map(\.place) == [YAMLPlace(line: 4, column: 5), YAMLPlace(line: 5, column: 5)])
        #expect(list[1]["d"]?.place == YAMLPlace(line: 5, column: 17))
        let texts = try [#require(root["a"]), list[0], #require(list[1]["c"]), #require(list[1]["d"]), list[1]]
            .map { String(decoding: document.source[$0.range], as: UTF8.self) }
        #expect(texts == ["1", "'x y'", "\"ü\"", "e", "{c: \"ü\", d: e}"])
    }

    @Test func knowsHowEveryScalarIsWritten() throws {
        let document = try YAMLDocument(
            "a: p\nb: 's'\nc: \"d\"\nd: |\n  l\ne: >\n  f\nf: &x !!str g\nh: {i: !!str &y 'z'}\n"
        )
        let root = try #require(document.root)
        let scalars = root.map?.compactMap(\.value.scalar) ?? []
        #expect(scalars.map(\.style) == [.plain, .singleQuoted, .doubleQuoted, .literal, .folded, .plain])
        #expect(scalars.last?.anchor == "x" && scalars.last?.tag == "tag:yaml.org,2002:str")
        let inner = try #require(root["h"]?["i"])
        #expect(inner.isInFlow && root["a"]?.isInFlow == false)
        let both = [scalars.last?.textRange, inner.scalar?.textRange].compactMap(\.self)
        #expect(both.map { String(decoding: document.source[$0], as: UTF8.self) } == ["g", "'z'"])
    }

    @Test func countsBytesBehindAByteOrderMarkAndFarIntoTheText() throws {
        let filler = String(repeating: "# äöü 😀\n", count: 500)
        let document = try YAMLDocument("\u{feff}\(filler)a: ß\nb: c\n")
        let value = try #require(document.root?["b"])
        #expect(value.place == YAMLPlace(line: 502, column: 4))
        #expect(String(decoding: document.source[value.range], as: UTF8.self) == "c")
    }

    @Test func expandsAliases() throws {
        let root = try #require(try Self.root("a: &x [1, 2]\nb: *x\nc: &x 3\nd: *x\n? &k key\n: 4\ne: *k\n"))
        #expect(Self.shown(root) == "{a: [1, 2], b: [1, 2], c: 3, d: 3, key: 4, e: key}")
        #expect(root["b"]?.isAlias == true && root["a"]?.isAlias == false)
        #expect(root["b"]?.place == root["a"]?.place)
    }

    @Test(arguments: [
        ("pass: #abc", true), ("pass: ab #cd", true), ("pass: &4wO8I", true), ("pass: ab\t#cd", true),
        ("pass: ab#cd", false), ("pass: ab # cd", false), ("pass: # none yet", false), ("pass: 'ab' #cd", false),
        ("{pass: #abc\n}", true), ("{pass: ab #cd\n, a: b}", true), ("{pass: # x\n}", false),
        ("{a: #b\n, pass: }", false),
        ("{pass #abc\n}", true), ("pass:", false), ("pass: ab #", false), ("pass: &a b", false),
    ])
    func tellsATextThatLostItsEnd(text: String, isCut: Bool) throws {
        #expect(try Self.root(text)?["pass"]?.scalar?.isProbablyCut == isCut)
    }

    @Test(arguments: [
        ("host:value", true), ("maxDelay:60s", true), ("a.b:c", true), ("http://x", false), ("'a:b'", false),
        ("a b:c", false), (":x", false),
    ])
    func tellsAMemberWithoutASpace(text: String, looksLikeOne: Bool) throws {
        #expect(try Self.root("k: \(text)")?["k"]?.scalar?.looksLikeMember == looksLikeOne)
    }
}
