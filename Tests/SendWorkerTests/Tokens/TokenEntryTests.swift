import InstagramMessaging
import Testing

@testable import SendWorker

@Suite(.timeLimit(.minutes(1)))
struct TokenEntryTests {
    private static let end = RefreshStage.moment(days: 60)

    @Test func `the other members of a JSON entry stay as they are written`() async throws {
        let stage = try RefreshStage()
        let soon = RefreshStage.moment(days: 6)
        try stage.folder.write(
            """
            {
              "1": {"token": "a", "owner": "team-x"},
              "2": { "expires_at":"\(soon)", "note" : {"by": ["me", 1.50]}, "token":"b" },
              "3": {"owner": "team-\\u0079", "token": "c",  "expires_at": "\(soon)"},
              "4": "d"
            }

            """,
            to: "tokens"
        )
        await stage.run(stage.file, steps: 5)
        #expect(
            stage.text == """
                {
                  "1": {"token": "aR", "expires_at": "\(Self.end)", "owner": "team-x"},
                  "2": { "expires_at":"\(Self.end)", "note" : {"by": ["me", 1.50]}, "token":"bR" },
                  "3": {"owner": "team-\\u0079", "token": "cR",  "expires_at": "\(Self.end)"},
                  "4": {"token":"dR","expires_at":"\(Self.end)"}
                }

                """
        )
        let reading = try stage.file.read()
        #expect(reading.tokens.count == 4 && reading.expiries.count == 4 && reading.problems.isEmpty)
    }

    @Test func `the other members of a YAML entry stay`() async throws {
        let stage = try RefreshStage()
        try stage.folder.write(
            """
            "17":
              owner: team-x
              token: a
              tags: [b, {c: d}]
            18: {token: e, expires_at: "\(RefreshStage.moment(days: 1))", note: "yes"}
            19: f

            """,
            to: "tokens"
        )
        await stage.run(stage.file, steps: 4)
        #expect(
            stage.text == """
                "17":
                  owner: team-x
                  token: aR
                  expires_at: "\(Self.end)"
                  tags: [b, {c: d}]
                18: {token: eR, expires_at: "\(Self.end)", note: "yes"}
                19: {token: fR, expires_at: "\(Self.end)"}

                """
        )
        let reading = try stage.file.read()
        #expect(reading.tokens.mapValues(\.revealed) == ["17": "aR", "18": "eR", "19": "fR"])
        #expect(reading.expiries.count == 3 && reading.problems.isEmpty)
    }

    @Test func `what an account has of its own stays beside its new token`() async throws {
        let stage = try RefreshStage()
        try stage.folder.write(
            """
            17: {token: a, baseURL: "https://graph.example.com", appSecret: s}
            18: {token: b, pathID: 22, appSecret: s}

            """,
            to: "tokens"
        )
        await stage.run(stage.file, steps: 3)
        #expect(
            stage.text == """
                17: {token: aR, expires_at: "\(Self.end)", baseURL: "https://graph.example.com", appSecret: s}
                18: {token: b, pathID: 22, appSecret: s}

                """
        )
        let own = AccountSettings(baseURL: "https://graph.example.com", appSecret: SecretText("s"))
        #expect(try stage.file.read().own["17"] == own)
    }
}
