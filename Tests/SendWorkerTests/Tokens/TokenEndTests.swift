import Foundation
import InstagramMessaging
import Testing

@testable import SendWorker

@Suite(.timeLimit(.minutes(1)))
struct TokenEndTests {
    private static let end = RefreshStage.start.adding(milliseconds: 60 * 86_400_000)

    /// A folder with a token of account 17 that has been refreshed once.
    private func refreshed() async throws -> RefreshStage {
        let stage = try RefreshStage()
        try stage.folder.write("old\n", to: "17")
        await stage.run(stage.directory, steps: 1)
        try #require(stage.tokens == ["old"])
        return stage
    }

    @Test func `replicas that share a directory refresh a token once until its end is near`() async throws {
        let stage = try RefreshStage()
        try stage.folder.write("old\n", to: "17")
        let refresher = stage.refresher(stage.directory)
        var (first, second) = (stage.work, stage.work)
        for _ in 0..<106 {
            await refresher.step(&first)
            await refresher.step(&second)
            stage.advance(days: 0.5)
        }
        try #require(stage.tokens.count == 1)
        stage.advance(days: 0.5)
        await refresher.step(&second)
        await refresher.step(&first)
        #expect(stage.tokens == ["old", "oldR"])
        #expect(stage.outcomes == [.refreshed, .refreshed])
    }

    @Test func `the end of a refreshed token is known after a restart`() async throws {
        let stage = try await refreshed()
        #expect(try stage.directory.read().expiries == ["17": Self.end])
        stage.advance(days: 10)
        await stage.run(stage.directory, steps: 3)
        #expect(stage.tokens == ["old"])
    }

    @Test func `a token that is put there by hand does not inherit the end of the one before`() async throws {
        let stage = try await refreshed()
        try stage.folder.replace("17", with: "another\n")
        #expect(try stage.directory.read().expiries.isEmpty)
        await stage.run(stage.directory, steps: 3)
        #expect(stage.tokens == ["old", "another"])
        #expect(try stage.directory.read().tokens["17"]?.revealed == "anotherR")
        #expect(try stage.directory.read().expiries == ["17": Self.end])
    }

    @Test(arguments: ["", "nonsense", "\u{0} 2026-12-31T12:00:00Z\n\n", "x y\nz"])
    func `a note that cannot be understood is no end, and is written anew`(garbled: String) async throws {
        let stage = try await refreshed()
        try stage.folder.replace(".17.expires", with: garbled)
        let reading = try stage.directory.read()
        #expect(reading.expiries.isEmpty && reading.problems.isEmpty)
        #expect(reading.tokens.mapValues(\.revealed) == ["17": "oldR"])
        await stage.run(stage.directory, steps: 3)
        #expect(stage.tokens == ["old", "oldR"])
        #expect(try stage.directory.read().expiries == ["17": Self.end])
    }

    @Test func `a note that is missing or cannot be read is no end`() async throws {
        let stage = try await refreshed()
        try stage.folder.remove(".17.expires")
        #expect(try stage.directory.read().expiries.isEmpty)
        try stage.folder.makeFolder(".17.expires")
        let reading = try stage.directory.read()
        #expect(reading.expiries.isEmpty && reading.problems.isEmpty && reading.tokens.count == 1)
    }

    @Test func `the note holds no token, has the token's mode, and is no account`() async throws {
        let stage = try RefreshStage()
        try stage.folder.write("hush\n", to: "17")
        let path = stage.folder.path
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: "\(path)/17")
        await stage.run(stage.directory, steps: 1)
        let note = try String(contentsOfFile: "\(path)/.17.expires", encoding: .utf8)
        #expect(note.contains(Self.end.rfc3339) && !note.contains("hush"))
        let mode = try FileManager.default.attributesOfItem(atPath: "\(path)/.17.expires")[.posixPermissions] as? Int
        #expect(mode == 0o640)
        #expect(Set(try FileManager.default.contentsOfDirectory(atPath: path)) == ["17", ".17.expires"])
        let reading = try stage.directory.read()
        #expect(reading.tokens.keys.sorted() == ["17"] && reading.problems.isEmpty)
        #expect(stage.directory.fingerprint()?.keys.sorted() == ["17"])
    }

    /// Notes stand on people's disks: the digest was computed by another program.
    @Test func `the digest of a token stays byte for byte`() throws {
        let note = TokenEnd(
            of: AccessToken("EAAG-token|17"),
            at: try #require(Timestamp(rfc3339: "2026-12-31T12:00:00Z"))
        )
        #expect(
            TokenEnd.text(of: [note])
                == "06b17153bbe410b8c833afd38a6b8543786aa28aa93ca092ee04f9d35749e7d4 2026-12-31T12:00:00.000Z\n"
        )
    }

    @Test func `a token that stays because the new one could not be written keeps its end`() async throws {
        let stage = try await refreshed()
        let directory = stage.directory
        let note = TokenEnd(of: AccessToken("oldR"), at: Self.end)
        #expect(directory.end(of: AccessToken("oldR"), "17") == note)
        // What is left where a worker ends between the two writes.
        let later = Self.end.adding(milliseconds: 1)
        try directory.replace(AccessToken("oldR"), with: AccessToken("next"), of: "17", expiresAt: later)
        try stage.folder.replace("17", with: "oldR\n")
        #expect(try directory.read().expiries == ["17": Self.end])
        try stage.folder.replace("17", with: "next\n")
        #expect(try directory.read().expiries == ["17": later])
    }
}
