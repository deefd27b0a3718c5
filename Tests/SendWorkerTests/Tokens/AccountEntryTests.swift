import Foundation
import Testing

@testable import SendWorker

@Suite("Accounts that differ, in a file of tokens", .timeLimit(.minutes(1)))
struct AccountEntryTests {
    private let folder: TemporaryFolder
    private let log = LogRecorder()

    init() throws {
        folder = try TemporaryFolder()
    }

    private func reading(_ text: String) throws -> TokenReading {
        try folder.write(text, to: "tokens")
        return try TokenFile(path: "\(folder.path)/tokens").read()
    }

    @Test(arguments: [
        """
        {"1": "a", "2": {"token": "b", "pathID": "22", "baseURL": "https://graph.facebook.com/", "appSecret": "s"},
         "3": {"token": "c", "pathID": null, "note": "x"}}
        """,
        """
        1: a
        2:
          token: b
          pathID: 22
          baseURL: https://graph.facebook.com
          appSecret: "s\\n"
        3: {token: c, pathID: ~, owner: x}
        """,
    ])
    func `an account may have its own path id, base URL and secret beside its token`(text: String) throws {
        let reading = try reading(text)
        #expect(reading.problems == [])
        #expect(reading.tokens.mapValues(\.revealed) == ["1": "a", "2": "b", "3": "c"])
        let own = AccountSettings(pathID: "22", baseURL: "https://graph.facebook.com", appSecret: SecretText("s"))
        #expect(reading.own == ["2": own])
        #expect(reading.accesses["1"] == AccountAccess(AccessToken("a")))
        #expect(reading.accesses["2"] == AccountAccess(AccessToken("b"), own: own))
        #expect(!"\(reading)".contains("\"s\""))
    }

    @Test(arguments: [
        ("pathID: page", "pathID of account 2 is not an id; write 1 to 32 digits, with Facebook Login the Page's id"),
        ("pathID: [1]", "pathID of account 2 is no text"), ("pathID: ''", "pathID of account 2 is not an id"),
        ("baseURL: graph.facebook.com", "baseURL of account 2 is not a URL with a host; write an http or https URL"),
        ("baseURL: 'https://u:hush@x'", "baseURL of account 2 holds a user, a query or a fragment"),
        ("appSecret: '\"hush\"'", "appSecret of account 2 stands in quotation marks; write it without them"),
        ("appSecret: \"hu\\nsh\"", "appSecret of account 2 holds a line break"),
        ("appSecret: ab #hush\n", "appSecret of account 2 lost its text, or the end of it"),
        ("path_id: 22", "the entry of account 2 has a member that nothing reads; did you mean pathID?"),
        ("pageId: 22", "did you mean pathID?"), ("base_url: 'https://x'", "did you mean baseURL?"),
        ("app-secret: hush", "did you mean appSecret?"), ("pathid: 22", "did you mean pathID?"),
    ])
    func `an entry that is wrong keeps the account as it was, and shows no secret`(member: String, words: String) throws
    {
        try folder.write("1: a\n2: {token: hushB, pathID: 22}\n", to: "tokens")
        let tokens = try WatchedTokens(TokenFile(path: "\(folder.path)/tokens"), logger: log.logger()) {}
        try folder.replace("tokens", with: "1: A\n2: {token: hushC, \(member)}\n")
        tokens.refresh()
        #expect(tokens.token(for: "1")?.revealed == "A")
        #expect(tokens.access(for: "2") == AccountAccess(AccessToken("hushB"), own: AccountSettings(pathID: "22")))
        #expect(log.count(of: "tokens line 2: \(words)") == 1 || log.count(of: words) == 1, "\(log.lines)")
        #expect(!log.lines.joined().contains("hush"))
    }

    @Test func `settings that change are announced like a token, and a file that is told again is read again`()
        async throws
    {
        try folder.write("1: a\n2: {token: b, appSecret: s}\n", to: "tokens")
        let tokens = try WatchedTokens(TokenFile(path: "\(folder.path)/tokens"), logger: log.logger()) {}
        #expect(tokens.ownBaseURLs == [:])
        try folder.replace(
            "tokens",
            with: "1: {token: a, baseURL: 'https://graph.facebook.com'}\n2: {token: b, appSecret: t}\n"
        )
        tokens.readAgain()
        tokens.refresh()
        var announced = tokens.changes.makeAsyncIterator()
        #expect(await announced.next() == ["1", "2"])
        #expect(tokens.access(for: "2")?.own.appSecret == SecretText("t"))
        #expect(tokens.ownBaseURLs == ["https://graph.facebook.com": 1])
    }

    @Test func `a token that would go unencrypted is warned of, and one on this machine is not`() throws {
        let reading = try reading(
            "1: {token: a, baseURL: 'http://graph.example.com'}\n2: {token: b, baseURL: 'http://127.0.0.1:8090'}\n"
        )
        #expect(reading.own.count == 2)
        #expect(reading.problems.count == 1)
        #expect(reading.problems.first?.contains("account 1 goes to http://graph.example.com unencrypted") == true)
    }

    @Test(arguments: ["1: a\n\"1\": b\n", #"{"1": "a", "\u0031": "b"}"#, "2: {token: a, pathID: 1, pathID: 2}\n"])
    func `an account, or a member of its entry, that stands twice is refused with both places`(text: String) throws {
        let error = #expect(throws: TokenPlaceError.self) { try reading(text) }
        #expect(error?.description.contains("has a key that stands in its map already, on line 1") == true)
    }

    @Test func `half of a character beside a token does not hide the file`() throws {
        let reading = try reading(#"{"1": {"token": "a", "owner": "caf\ud83d"}, "2": "b\ud83d", "3": "c"}"#)
        #expect(reading.tokens.mapValues(\.revealed) == ["1": "a", "3": "c"])
        #expect(reading.keeping == ["2"])
        #expect(reading.problems.count == 1 && reading.problems.first?.contains("account 2 holds") == true)
    }

    @Test func `config lists what accounts have of their own, without secrets`() throws {
        _ = try reading(
            "1: a\n2: {token: hushB, pathID: 22, baseURL: 'https://graph.facebook.com', appSecret: hushS}\n"
        )
        let loaded = try LoadedConfiguration.load(environment: ["TOKENS_FILE": "\(folder.path)/tokens"])
        let report = loaded.report.withAccounts(of: loaded.configuration)
        let rows = report.entries.dropFirst(loaded.report.entries.count)
        #expect(rows.map(\.key) == ["pathID", "baseURL", "appSecret"].map { "tokens.file/2/\($0)" })
        #expect(rows.map(\.value) == ["22", "https://graph.facebook.com", "<redacted>"])
        #expect(rows.allSatisfy { $0.source.description == "tokens.file \(folder.path)/tokens" })
        #expect(!(report.text + report.json).contains("hush"))
    }
}
