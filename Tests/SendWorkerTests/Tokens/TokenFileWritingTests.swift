import InstagramMessaging
import Testing

@testable import SendWorker

/// What a refresh of account 17's token `old` leaves in a file.
@Suite(.timeLimit(.minutes(1)))
struct TokenFileWritingTests {
    private static let end = Timestamp(millisecondsSinceEpoch: 1_830_000_000_000)
    private static let moment = end.rfc3339

    private static func written(_ text: String, new: String = "new") throws -> String {
        let folder = try TemporaryFolder()
        try folder.write(text, to: "tokens")
        let file = TokenFile(path: "\(folder.path)/tokens")
        try file.replace(AccessToken("old"), with: AccessToken(new), of: "17", expiresAt: end)
        let reading = try file.read()
        #expect(reading.tokens["17"]?.revealed == new)
        #expect(reading.expiries["17"] == end)
        #expect(reading.problems.isEmpty)
        return String(decoding: try #require(file.contents()), as: UTF8.self)
    }

    @Test(arguments: [
        // A token by itself.
        ("# mine\n17: old # why\n18: x\n", "# mine\n17: {token: new, expires_at: \"END\"} # why\n18: x\n"),
        ("\"17\": 'old'\r\n18: x\r\n", "\"17\": {token: 'new', expires_at: \"END\"}\r\n18: x\r\n"),
        ("17: \"old\"", "17: {token: \"new\", expires_at: \"END\"}"),
        ("\u{feff}17: old\n", "\u{feff}17: {token: new, expires_at: \"END\"}\n"),
        ("17:\n  old\n# then\n", "17:\n  {token: new, expires_at: \"END\"}\n# then\n"),
        ("17: |  # why\n  old\n18: x\n", "17: {token: \"new\", expires_at: \"END\"} # why\n18: x\n"),
        ("17: &t old\n18: *t\n", "17: {token: &t new, expires_at: \"END\"}\n18: *t\n"),
        ("17: &t !!str old\n18: {token: *t}\n", "17: {token: &t !!str new, expires_at: \"END\"}\n18: {token: *t}\n"),
        ("18: &t old\n17: *t\n", "18: &t old\n17: {token: \"new\", expires_at: \"END\"}\n"),
        ("{17: old, 18: x}", "{17: {token: new, expires_at: \"END\"}, 18: x}"),
        ("{\"17\":\"old\",\"18\":\"x\"}\n", "{\"17\":{\"token\":\"new\",\"expires_at\":\"END\"},\"18\":\"x\"}\n"),
        ("\u{feff}{\"17\": \"old\"}", "\u{feff}{\"17\": {\"token\":\"new\",\"expires_at\":\"END\"}}"),
        // A map without an end.
        ("17:\n  token: old # why\n  owner: x\n", "17:\n  token: new # why\n  expires_at: \"END\"\n  owner: x\n"),
        ("17:\r\n    owner: x\r\n    token: old", "17:\r\n    owner: x\r\n    token: new\r\n    expires_at: \"END\""),
        ("17:\n  token: old\n\n18: x\n", "17:\n  token: new\n  expires_at: \"END\"\n\n18: x\n"),
        ("17:\n  token: >-\n    old\n  a: b\n", "17:\n  token: \"new\"\n  expires_at: \"END\"\n  a: b\n"),
        ("17: {owner: x, token: old}\n", "17: {owner: x, token: new, expires_at: \"END\"}\n"),
        ("17: { token: old, }\n", "17: { token: new, expires_at: \"END\", }\n"),
        ("{\"17\": {\"token\": \"old\"}}", "{\"17\": {\"token\": \"new\", \"expires_at\": \"END\"}}"),
        (
            "{\n\t\"17\": {\n\t\t\"token\": \"old\"\n\t}\n}\n",
            "{\n\t\"17\": {\n\t\t\"token\": \"new\", \"expires_at\": \"END\"\n\t}\n}\n"
        ),
        // A map with an end.
        (
            "17:\n  token: old\n  expires_at: 2026-01-01T00:00:00Z # then\n",
            "17:\n  token: new\n  expires_at: END # then\n"
        ),
        ("17: {expires_at: \"2026-01-01T00:00:00Z\", token: old}", "17: {expires_at: \"END\", token: new}"),
        ("17:\n  token: old\n  expires_at: ~\n", "17:\n  token: new\n  expires_at: END\n"),
        ("17:\n  token: old\n  expires_at: # soon\n", "17:\n  token: new\n  expires_at: \"END\" # soon\n"),
        ("17: {token: old, expires_at: }", "17: {token: new, expires_at: \"END\" }"),
        (
            "{\"17\": {\"token\": \"old\", \"expires_at\": null}}",
            "{\"17\": {\"token\": \"new\", \"expires_at\": \"END\"}}"
        ),
        // A map that accounts share.
        ("17: &m\n  token: old\n18: *m\n", "17: &m\n  token: new\n  expires_at: \"END\"\n18: *m\n"),
        ("18: &m {token: old}\n17: *m\n", "18: &m {token: new, expires_at: \"END\"}\n17: *m\n"),
    ])
    func changesTheTokenAndItsEndAndNothingElse(text: String, expected: String) throws {
        #expect(try Self.written(text) == expected.replacing("END", with: Self.moment))
    }

    @Test(arguments: [
        ("17: old\n", "a]b", "17: {token: \"a]b\", expires_at: \"END\"}\n"),
        ("17:\n  token: old\n", "a]b", "17:\n  token: a]b\n  expires_at: \"END\"\n"),
        ("17:\n  token: old\n", "#b", "17:\n  token: \"#b\"\n  expires_at: \"END\"\n"),
        ("17: 'old'\n", "it's", "17: {token: 'it''s', expires_at: \"END\"}\n"),
        ("17: old\n", "~", "17: {token: \"~\", expires_at: \"END\"}\n"),
        ("17: old\n", #"a"\b"#, "17: {token: a\"\\b, expires_at: \"END\"}\n"),
        ("{\"17\": \"old\"}", #"a"\b"#, "{\"17\": {\"token\":\"a\\\"\\\\b\",\"expires_at\":\"END\"}}"),
        ("17: old\n", "0123", "17: {token: 0123, expires_at: \"END\"}\n"),
    ])
    func quotesWhatNeedsIt(text: String, new: String, expected: String) throws {
        #expect(try Self.written(text, new: new) == expected.replacing("END", with: Self.moment))
    }

    @Test(arguments: [
        "? 17\n: ? token\n  : old\n", "17: {token: old, expires_at: [1]}\n", "17: {token: old, expires_at}\n",
    ])
    func writesNothingWhereThereIsNoPlace(text: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(text, to: "tokens")
        let file = TokenFile(path: "\(folder.path)/tokens")
        #expect(throws: FileReplacementError.noPlaceForValue) {
            try file.replace(AccessToken("old"), with: AccessToken("new"), of: "17", expiresAt: Self.end)
        }
        #expect(file.contents() == Array(text.utf8))
    }

    @Test func keepsTheLineEndOfAFileOfADirectory() throws {
        for end in ["", "\n", "\r\n"] {
            let folder = try TemporaryFolder()
            try folder.write("old\(end)", to: "17")
            let directory = TokenDirectory(path: folder.path)
            try directory.replace(AccessToken("old"), with: AccessToken("newer"), of: "17", expiresAt: Self.end)
            #expect(TokenFile(path: "\(folder.path)/17").contents() == Array("newer\(end)".utf8))
            #expect(try directory.read().tokens["17"]?.revealed == "newer")
        }
    }

    @Test func saysOfATokenThatLostItsEndWhatToDo() throws {
        let folder = try TemporaryFolder()
        try folder.write("1: #hush\n2: ab #hush\n3: &hush\n4: ab#c\n5: ab # c\n6: ''\n7: 'a '\n8: ~\n", to: "tokens")
        let reading = try TokenFile(path: "\(folder.path)/tokens").read()
        #expect(reading.tokens.mapValues(\.revealed) == ["4": "ab#c", "5": "ab"])
        #expect(reading.keeping == ["1", "2", "3", "6", "7", "8"])
        let words = [
            "account 1 has no token; quote a text that begins with # or &",
            "the token of account 2 ends where a # begins a comment; quote it, or put a space behind the #",
            "account 3 has no token; quote a text that begins with # or &", "the token of account 6 is empty",
            "the token of account 7 holds a space", "account 8 has no token; write a text, or a map",
        ]
        #expect(reading.problems.count == words.count && !reading.problems.joined().contains("hush"))
        for (problem, word) in zip(reading.problems, words) { #expect(problem.contains(word), "\(problem)") }
    }

    @Test(arguments: [
        ("17:hush\n", "is not a map; write it like {\"17841400000000001\": \"token\"}, with a space behind the colon"),
        ("17: a\n---\n18: b\n", "line 2 column 1 begins a second document; write one"),
        ("17: !hush\n", "line 1 column 5 has a tag"), ("17: a\n17: b\n", "line 2 column 1 has a key that stands"),
        ("17: a\n18:hush\n19: b\n", "line 2 column 1 is not YAML: the colon of a key needs a space behind it"),
        ("17: \u{fffd}\u{7}\n", "line 1 column 6 is not YAML: control characters are not allowed"),
    ])
    func saysWhatIsWrongWithAFile(text: String, words: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(text, to: "tokens")
        let error = #expect(throws: TokenPlaceError.self) { try TokenFile(path: "\(folder.path)/tokens").read() }
        #expect(error?.description.hasPrefix("tokens.file \(folder.path)/tokens \(words)") == true, "\(error as Any)")
        #expect(error?.description.contains("hush") == false)
    }
}
