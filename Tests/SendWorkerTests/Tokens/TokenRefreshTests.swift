import Foundation
import InstagramMessaging
import Telemetry
import Testing

@testable import SendWorker

@Suite(.timeLimit(.minutes(1)))
struct TokenRefreshTests {
    @Test func `tokens that end soon and tokens of unknown end are refreshed once and written back`() async throws {
        let stage = try RefreshStage()
        try stage.folder.write(
            """
            {"1": "plain", "2": {"token": "soon", "expires_at": "\(RefreshStage.moment(days: 6))"},
             "3": {"token": "late", "expires_at": "\(RefreshStage.moment(days: 8))"},
             "4": {"token": "dead", "expires_at": "\(RefreshStage.moment(days: -1))"}, "5": "two words"}
            """,
            to: "tokens"
        )
        await stage.run(stage.file, steps: 6)
        #expect(stage.tokens == ["soon", "plain"])
        #expect(stage.outcomes == [.refreshed, .refreshed])
        let end = RefreshStage.moment(days: 60)
        let object = try JSONSerialization.jsonObject(with: Data(stage.text.utf8)) as? [String: Any]
        #expect(object?["1"] as? [String: String] == ["token": "plainR", "expires_at": end])
        #expect(object?["2"] as? [String: String] == ["token": "soonR", "expires_at": end])
        #expect((object?["3"] as? [String: String])?["token"] == "late")
        #expect((object?["4"] as? [String: String])?["token"] == "dead")
        #expect(object?["5"] as? String == "two words")
        #expect(try stage.file.read().tokens["2"]?.revealed == "soonR")
        // Another replica, or this one after a restart, finds all of it done.
        await stage.run(stage.file, steps: 4)
        #expect(stage.tokens.count == 2)
        #expect(["plain", "soon", "late", "dead"].allSatisfy { stage.recorder.count(of: $0) == 0 })
        #expect(stage.recorder.count(of: "an access token was refreshed") == 2)
    }

    @Test func `a YAML file stays YAML and keeps its mode`() async throws {
        let stage = try RefreshStage()
        try stage.folder.write(
            "\"17\": plain\n18: {token: other, expires_at: \"\(RefreshStage.moment(days: 1))\"}\n",
            to: "tokens"
        )
        let path = "\(stage.folder.path)/tokens"
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        await stage.run(stage.file, steps: 3)
        let reading = try stage.file.read()
        #expect(reading.tokens.mapValues(\.revealed) == ["17": "plainR", "18": "otherR"])
        #expect(Set(reading.expiries.keys) == ["17", "18"])
        #expect(reading.problems.isEmpty && !stage.text.hasPrefix("{"))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o640)
        #expect(try FileManager.default.contentsOfDirectory(atPath: stage.folder.path) == ["tokens"])
    }

    @Test func `a file that changes during the call is not overwritten`() async throws {
        let stage = try RefreshStage()
        try stage.folder.write(#"{"1": "old"}"#, to: "tokens")
        let folder = stage.folder
        var work = stage.work
        await stage.refresher(stage.file) { try? folder.replace("tokens", with: #"{"1": "newer"}"#) }.step(&work)
        #expect(stage.outcomes == [.unwritten])
        #expect(stage.text == #"{"1": "newer"}"#)
        #expect(stage.recorder.count(of: "it has changed meanwhile") == 1)
    }

    @Test func `a file of a directory is refreshed when it is a day old`() async throws {
        let stage = try RefreshStage()
        try stage.folder.write("old\n", to: "17")
        try stage.folder.write("young\n", to: "18")
        let written = Date(timeIntervalSince1970: Double(RefreshStage.start.millisecondsSinceEpoch) / 1_000)
        let path = stage.folder.path
        try FileManager.default.setAttributes([.modificationDate: written - 86_401], ofItemAtPath: "\(path)/17")
        try FileManager.default.setAttributes([.modificationDate: written - 86_000], ofItemAtPath: "\(path)/18")
        await stage.run(stage.directory, steps: 4)
        #expect(stage.tokens == ["old"])
        #expect(try stage.directory.read().tokens.mapValues(\.revealed) == ["17": "oldR", "18": "young"])
    }

    @Test func `a failure is told without the token and tried again later and later`() async throws {
        let stage = try RefreshStage { _ in .refused("HTTP 400, code 190") }
        try stage.folder.write(#"{"1": "hush"}"#, to: "tokens")
        var work = stage.work
        let refresher = stage.refresher(stage.file)
        var tries: [Int] = []
        for _ in 0..<(24 * 12) {
            await refresher.step(&work)
            tries.append(stage.tokens.count)
            stage.advance(days: 1.0 / 288)
        }
        // 15 minutes, doubling, each between half and all of it.
        #expect((6...8).contains(stage.tokens.count), "\(stage.tokens.count)")
        #expect(tries[1] == 1 && tries[3] <= 2)
        #expect(Set(stage.outcomes) == [.refused])
        #expect(stage.recorder.count(of: "hush") == 0)
        #expect(stage.recorder.count(of: "code 190") == stage.tokens.count)
        // A new token is tried at once.
        try stage.folder.replace("tokens", with: #"{"1": "hush2"}"#)
        await refresher.step(&work)
        #expect(stage.tokens.last == "hush2")
    }

    @Test func `a failure that all accounts share is told once in ten minutes, with how often it was not`() async throws
    {
        let stage = try RefreshStage { _ in .failed("nobody there") }
        try stage.folder.write((1...40).map { "\($0): t\($0)\n" }.joined(), to: "tokens")
        let refresher = stage.refresher(stage.file)
        var work = stage.work
        for _ in 0..<39 { await refresher.step(&work) }
        #expect(stage.outcomes.count == 39)
        #expect(stage.recorder.count(of: "was not refreshed") == 1)
        stage.advance(days: 601.0 / 86_400)
        await refresher.step(&work)
        #expect(stage.outcomes.count == 40)
        #expect(stage.recorder.count(of: "was not refreshed") == 2)
        #expect(stage.recorder.lines.last?.contains("repeated=38") == true, "\(stage.recorder.lines.last ?? "")")
    }

    @Test func `failures of two kinds are both told`() async throws {
        let stage = try RefreshStage { $0.revealed == "a" ? .refused("HTTP 400, code 190") : .failed("nobody there") }
        try stage.folder.write(#"{"1": "a", "2": "b"}"#, to: "tokens")
        await stage.run(stage.file, steps: 2)
        #expect(stage.recorder.count(of: "code 190") == 1)
        #expect(stage.recorder.count(of: "nobody there") == 1)
    }

    @Test func `replicas that share a folder take turns`() async throws {
        let stage = try RefreshStage()
        try stage.folder.write(#"{"1": "old"}"#, to: "tokens")
        let lock = try #require(FolderLock(stage.folder.path))
        await stage.run(stage.file, steps: 2)
        #expect(stage.tokens.isEmpty)
        withExtendedLifetime(lock) {}
        _ = consume lock
        await stage.run(stage.file, steps: 2)
        #expect(stage.tokens == ["old"])
    }

    @Test func `a place that cannot be written gets one clear warning`() async throws {
        let stage = try RefreshStage()
        await stage.refresher(TokenDirectory(path: "/proc")).run()
        #expect(stage.recorder.count(of: "no token is refreshed") == 1)
        #expect(stage.tokens.isEmpty)
    }

    @Test(arguments: [
        (
            200, #"{"access_token":"new","token_type":"bearer","expires_in":5183944}"#,
            RefreshAnswer.refreshed(AccessToken("new"), lifetime: 5_183_944)
        ),
        (200, #"{"access_token":"new","expires_in":0}"#, .refused("HTTP 200 without access_token and expires_in")),
        (
            200, #"{"access_token":"two words","expires_in":9}"#,
            .refused("HTTP 200 without access_token and expires_in")
        ),
        (200, "<html>", .refused("HTTP 200 without access_token and expires_in")),
        (
            400, #"{"error":{"message":"hush","code":190,"error_subcode":463}}"#,
            .refused("HTTP 400, code 190, subcode 463")
        ),
        (500, "{}", .refused("HTTP 500 without access_token and expires_in")),
    ])
    func `an answer is a token with its life, or a refusal in numbers`(status: Int, body: String, answer: RefreshAnswer)
    {
        #expect(RefreshAnswer.read(status: status, body: Array(body.utf8)) == answer)
    }

    @Test func `an entry may name its end, and a wrong one is told without the token`() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            #"{"1": {"token": "a", "expires_at": "2026-12-31T12:00:00Z"}, "2": {"token": "hush", "expires_at": "soon"}, "#
                + #""3": {"expires_at": "2026-12-31T12:00:00Z"}}"#,
            to: "tokens"
        )
        let reading = try TokenFile(path: "\(folder.path)/tokens").read()
        #expect(reading.tokens.mapValues(\.revealed) == ["1": "a", "2": "hush"])
        #expect(reading.expiries == ["1": try #require(Timestamp(rfc3339: "2026-12-31T12:00:00Z"))])
        #expect(reading.keeping == ["3"])
        #expect(reading.problems.count == 2 && !reading.problems.joined().contains("hush"))
    }
}
