import Testing
import YAML

@Suite struct YAMLEditTests {
    /// The source with the value of `k` replaced.
    private static func replaced(_ text: String, with new: String, at path: [String] = ["k"]) throws -> String? {
        let document = try YAMLDocument(text)
        var node = try #require(document.root)
        for key in path { node = try #require(node[key]) }
        guard let edit = document.edit(replacing: node, with: new) else { return nil }
        let written = document.applying([edit])
        var read = try #require(try YAMLDocument(written).root)
        for key in path { read = try #require(read[key]) }
        #expect(read.scalar?.text == new)
        return String(decoding: written, as: UTF8.self)
    }

    @Test(arguments: [
        ("k: old # why\nl: 1\n", "new", "k: new # why\nl: 1\n"),
        ("k:   'old'\r\nl: 1\r\n", "new", "k:   'new'\r\nl: 1\r\n"),
        ("k: \"old\"", "new", "k: \"new\""), ("{\"k\":\"old\",\"l\":1}", "new", "{\"k\":\"new\",\"l\":1}"),
        ("{k: old}", "new", "{k: new}"), ("# ä\nö: x\nk: old\n", "new", "# ä\nö: x\nk: new\n"),
        ("\u{feff}k: old\n", "new", "\u{feff}k: new\n"), ("k:\n  old\n", "new", "k:\n  new\n"),
        ("k: old\n  older\nl: 1\n", "new", "k: new\nl: 1\n"), ("k: &a old\nl: *a\n", "new", "k: &a new\nl: *a\n"),
        ("l: &a old\nk: *a\n", "new", "l: &a old\nk: new\n"), ("k: !!str &a old\n", "new", "k: !!str &a new\n"),
        ("k: &a # why\n  old\n", "new", "k: &a # why\n  new\n"),
        ("k: |\n  old\nl: 1\n", "new", "k: \"new\"\nl: 1\n"),
        (
            "k: >-  # why\n  old\n\n# then\nl: 1\n", "new",
            "k: \"new\" # why\n\n# then\nl: 1\n"
        ), ("k: |+\n\n\nl: 1\n", "new", "k: \"new\"\n\n\nl: 1\n"),
    ])
    func writesInTheSameStyleAndLeavesAllElse(text: String, new: String, written: String) throws {
        #expect(try Self.replaced(text, with: new) == written)
    }

    @Test(arguments: [
        ("k: old", "a #b", "k: \"a #b\""), ("k: old", "~", "k: \"~\""), ("k: old", "", "k: \"\""),
        ("k: old", "a: b", "k: \"a: b\""), ("k: old", "a:b,c]", "k: a:b,c]"), ("{k: old}", "a:b", "{k: \"a:b\"}"),
        ("{k: old}", "a]", "{k: \"a]\"}"), ("k: old", "!x", "k: \"!x\""), ("k: 'old'", "it's", "k: 'it''s'"),
        ("k: 'old'", "a\nb", "k: \"a\\nb\""),
        ("k: \"old\"", "\"\\\t\u{1}ä\u{85}😀", "k: \"\\\"\\\\\\t\\u0001ä\\u0085😀\""),
        ("k: old", "EAA|x-_.:/+", "k: EAA|x-_.:/+"), ("k: old", "-x", "k: \"-x\""), ("k: old", "x:", "k: \"x:\""),
        ("k: old", "null", "k: \"null\""),
    ])
    func quotesWhatNeedsIt(text: String, new: String, written: String) throws {
        #expect(try Self.replaced(text, with: new) == written)
    }

    @Test(arguments: [
        // A quoted text may not follow an anchor without a blank.
        ("k: &a:old\n", "a #b", "k: &a \"a #b\"\n"),

        ("{k: old\n\t}", "a #b", "{k: \"a #b\"\n\t}"), ("k: |\n  old\n  \t\nl: 1\n", "new", "k: \"new\"\nl: 1\n"),
        // A block may begin further left than a quoted text.
        ("k:\n|\n old\n", "new", nil), ("k: &a\n  |\n  old\n", "new", nil),
        // Unicode's line ends are line ends, and a byte order mark may begin a line.
        ("k: &a # why\u{85} old\n", "new", "k: &a # why\u{85} new\n"),
        ("k: |\u{2028}  old\u{2028}l: 1", "new", "k: \"new\"\u{2028}l: 1"),
        ("k: &a\n\u{feff} old\n", "new", "k: &a\n\u{feff} new\n"),
        ("k: !!str \u{feff}old\n", "new", "k: !!str new\n"),
        ("k: !!str\u{2028} #a, b\n  old\n", "new", "k: !!str\u{2028} #a, b\n  new\n"),
        // What holds JSON's two escapes of one character stays JSON.
        (#"{"k": null, "l": "\ud83d\ude00"}"#, "new", #"{"k": "new", "l": "\ud83d\ude00"}"#),
    ])
    func findsThePlaceInOddTexts(text: String, new: String, written: String?) throws {
        #expect(try Self.replaced(text, with: new) == written)
    }

    /// Behind plain text white space is passed over, tabs too; behind quotes a line may not begin with one.
    @Test func writesNoQuotesBeforeALineThatBeginsWithATab() throws {
        #expect(try Self.replaced("old\n\t", with: "new", at: []) == "new\n\t")
        #expect(try Self.replaced("old\n\t", with: "a #b", at: []) == nil)
        #expect(try Self.replaced("old\u{2028} \t", with: "a #b", at: []) == nil)
        #expect(try Self.replaced("old \t", with: "a #b", at: []) == "\"a #b\" \t")
    }

    @Test(arguments: ["k:\n", "k: [a]\n", "k: {a: b}\n", "k: &a\n"])
    func hasNoPlaceForATextWhereNoneIsWritten(text: String) throws {
        #expect(try Self.replaced(text, with: "new") == nil)
    }

    @Test func makesSeveralChangesAtOnceInAnyOrder() throws {
        let document = try YAMLDocument("a: 1\nb: [2, 3]\nc: 4\n")
        let root = try #require(document.root)
        let nodes = try [#require(root["c"]), #require(root["a"]), #require(root["b"]?.list?[1])]
        let edits = nodes.compactMap { document.edit(replacing: $0, with: "longer") }
        let written = document.applying(edits)
        #expect(String(decoding: written, as: UTF8.self) == "a: longer\nb: [2, longer]\nc: longer\n")
    }
}
