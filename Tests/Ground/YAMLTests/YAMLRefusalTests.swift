import Testing
import YAML

@Suite struct YAMLRefusalTests {
    private static func refusal(_ bytes: [UInt8], limits: YAMLLimits = YAMLLimits()) -> YAMLError? {
        do throws(YAMLError) {
            _ = try YAMLDocument(bytes, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    private static func refusal(_ text: String) -> YAMLError? { refusal(Array(text.utf8)) }

    @Test(arguments: [
        (
            "retry:\n  maxDelay: 3s\n  maxDelay: 4s\n", YAMLError.Kind.duplicateKey,
            "line 3 column 3 has a key that stands in its map already, on line 2 column 3; take one away"
        ),
        (
            "{a: 1, 'a': 2}", .duplicateKey,
            "line 1 column 8 has a key that stands in its map already, on line 1 column 2"
        ),
        ("a: 1\n---\nb: 2\n", .secondDocument, "line 2 column 1 begins a second document; write one"),
        ("a: 1\n...\n---\nb: 2\n", .secondDocument, "line 3 column 1 begins a second document; write one"),
        ("a: &a {b: 1}\nc:\n  <<: *a\n", .merge, "line 3 column 3 merges a map with <<; write its keys out"),
        ("pass: !4wO8I\n", .tag, "line 1 column 7 has a tag that says nothing here; quote a text that begins with !"),
        ("a: !!binary aGk=\n", .tag, "line 1 column 4 has a tag"), ("a: !!int 5\n", .tag, "line 1 column 4 has a tag"),
        ("a: !!str [b]\n", .tag, "line 1 column 4 has a tag"), ("a: ! b\n", .tag, "line 1 column 4 has a tag"),
        ("a: b\nc: *x\n", .alias, "line 2 column 4 refers to an anchor that is not there before it; quote a text"),
        ("a: &a [*a]\n", .alias, "line 1 column 8 refers to what it stands in itself; write the value out"),
        ("a: &a {b: {c: *a}}\n", .alias, "line 1 column 15 refers to what it stands in itself"),
        ("[a]: b\n", .keyNotText, "line 1 column 1 has a list or a map for a key; write a text"),
        ("a: &a [1]\n*a : b\n", .keyNotText, "line 2 column 1 has a list or a map for a key; write a text"),
    ])
    func namesThePlaceOfWhatItDoesNotTake(text: String, kind: YAMLError.Kind, words: String) throws {
        let error = try #require(Self.refusal(text))
        #expect(error.kind == kind)
        #expect(error.description.hasPrefix(words), "\(error)")
    }

    @Test(arguments: [
        ("retry:\n\tmaxDelay: 3s\n", "line 2 column 1 is not YAML: a tab stands where only spaces may; write spaces"),
        ("a:\n  b: 1\n\tc: 2\n", "line 3 column 1 is not YAML: a tab stands where only spaces may; write spaces"),
        ("- a\n-\t- b\n", "line 2 column 2 is not YAML: a tab"),
        ("a: 1\nhost:value\nb: 2\n", "line 2 column 1 is not YAML: the colon of a key needs a space behind it"),
        ("a: 1\nhost value\nb: 2\n", "line 2 column 1 is not YAML: a key without a colon and a space behind it; write"),
        ("retry: {maxDelay: 3s\n", "line 1 column 8 is not YAML: did not find expected ',' or '}'"),
        ("a: [1, 2\n", "line 1 column 4 is not YAML: did not find expected ',' or ']'"),
        ("a: {b: 1\nc: 2\n", "line 2 column 2 is not YAML: did not find expected ',' or '}'"),
        ("a: \"b\nc: d\n", "line 1 column 4 is not YAML: the quote that begins there has no end"),
        ("graph: hush: hush\n", "line 1 column 12 is not YAML: a colon and a space in the middle of a value"),
        ("a: @b\n", "line 1 column 4 is not YAML: no value can begin with the character that stands there"),
        ("a: %b\n", "line 1 column 4 is not YAML: no value can begin with the character that stands there"),
        ("ä: 'ö\u{7}'\n", "line 1 column 6 is not YAML: control characters are not allowed"),
        ("a: 1\r\nb: \u{0}\r\n", "line 2 column 4 is not YAML: control characters are not allowed"),
        ("a: |b\n", "line 1 column 5 is not YAML: "), ("a: 'b' c\n", "line 1 column 8 is not YAML: "),
        ("- a\nb\n", "line 2 column 1 is not YAML: "), ("a: \"\\q\"\n", "line 1 column 5 is not YAML: "),
        ("\u{feff}a: @\n", "line 1 column 4 is not YAML: "),
    ])
    func pointsAtSyntaxErrors(text: String, words: String) throws {
        let error = try #require(Self.refusal(text))
        #expect(error.kind == .syntax)
        #expect(error.description.hasPrefix(words), "\(error)")
        #expect(!error.description.contains("hush"))
    }

    @Test(arguments: [
        ([UInt8]("a: 1\nb: ".utf8) + [0xe4, 0x0a], "line 2 column 4 is not UTF-8 text"),
        ([0xff, 0xfe, 0x61, 0x00], "line 1 column 1 is not UTF-8 text"),
        ([0xed, 0xa0, 0x80], "line 1 column 1 is not"),
        ([0xc0, 0xaf], "line 1 column 1 is not UTF-8 text"), ([0x61, 0xf0, 0x9f], "line 1 column 2 is not UTF-8 text"),
    ])
    func pointsAtBytesThatAreNoText(bytes: [UInt8], words: String) throws {
        let error = try #require(Self.refusal(bytes))
        #expect(error.kind == .notUTF8)
        #expect(error.description.hasPrefix(words))
    }

    @Test func boundsWhatAliasesExpandTo() throws {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let items = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(items)]\n"
        }
        let error = try #require(Self.refusal(text))
        #expect(error.kind == .limit && error.place.line == 7)
        #expect(error.reason == "goes beyond 2000000 values, each expansion of an alias counted")
    }

    @Test(arguments: [
        String(repeating: "[", count: 20_000), String(repeating: "{a: ", count: 20_000),
        String(repeating: "- ", count: 20_000), String(repeating: "? ", count: 20_000),
    ])
    func boundsDepth(text: String) throws {
        let error = try #require(Self.refusal(text))
        #expect([.limit, .keyNotText].contains(error.kind))
        #expect(error.place.line == 1)
    }

    @Test func takesWhatIsWithinItsLimitsAndNotOneMore() throws {
        var limits = YAMLLimits()
        (limits.nodes, limits.depth, limits.bytes) = (6, 2, 16)
        #expect(Self.refusal(Array("a: [1, 2, 3]".utf8), limits: limits) == nil)
        #expect(Self.refusal(Array("a: [1, 2, 3, 4]".utf8), limits: limits)?.kind == .limit)
        #expect(Self.refusal(Array("a: [[]]".utf8), limits: limits)?.kind == .limit)
        #expect(Self.refusal(Array("a: [1, 2, 3]    ".utf8), limits: limits) == nil)
        #expect(Self.refusal(Array("a: [1, 2, 3]     ".utf8), limits: limits)?.kind == .limit)
    }
}
