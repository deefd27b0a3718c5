import Foundation
import Synchronization
import Testing

@testable import SendWorker

@Suite("Tokens from files", .timeLimit(.minutes(1)))
struct WatchedTokensTests {
    private let folder: TemporaryFolder
    private let log = LogRecorder()

    init() throws {
        folder = try TemporaryFolder()
    }

    private func file() throws -> WatchedTokens {
        try WatchedTokens(TokenFile(path: "\(folder.path)/tokens"), logger: log.logger()) {}
    }

    private func directory() throws -> WatchedTokens {
        try WatchedTokens(TokenDirectory(path: folder.path), logger: log.logger()) {}
    }

    @Test(
        "a map of account id to token is read as JSON and as YAML",
        arguments: [
            #"{"17": "EAA|a", "18": "b"}"#, "{\n\t\"17\": \"EAA|a\",\n\t\"18\": \"b\"\n}\n", "17: EAA|a\n\"18\": b\n",
            "17: EAA|a # x\n18: 'b'",
        ]
    )
    func formats(text: String) throws {
        try folder.write(text, to: "tokens")
        let tokens = try file()
        #expect(tokens.token(for: "17")?.revealed == "EAA|a")
        #expect(tokens.token(for: "18")?.revealed == "b")
        #expect(tokens.token(for: "19") == nil)
        #expect(log.lines == [])
    }

    @Test("tokens that only look like numbers or words of YAML are taken as they are written")
    func plainScalars() throws {
        try folder.write("0017: 0x1F\n18: true\n19: 1e3\n", to: "tokens")
        let tokens = try file()
        #expect(["0017", "18", "19"].map { tokens.token(for: $0)?.revealed } == ["0x1F", "true", "1e3"])
    }

    @Test(
        "the start fails where there is no file, no map, or nothing that is YAML",
        arguments: [
            nil, "", "hush", "[hush]", "17: [hush", "\"17\": hush\n\"17\": hush\n",
        ]
    )
    func startFails(text: String?) throws {
        if let text { try folder.write(text, to: "tokens") }
        let error = #expect(throws: TokenPlaceError.self) { try file() }
        #expect(error?.description.contains("tokens.file \(folder.path)/tokens") == true)
        #expect(error?.description.contains("hush") == false)
    }

    @Test(
        "changed and new tokens are taken over and announced; accounts that are gone have none",
        arguments: [true, false]
    )
    func changes(isAtomic: Bool) async throws {
        try folder.write(#"{"17": "a", "18": "b", "19": "c"}"#, to: "tokens")
        let tokens = try file()
        let news = #"{"17": "A", "18": "b", "20": "d"}"#
        if isAtomic { try folder.replace("tokens", with: news) } else { try folder.write(news, to: "tokens") }
        tokens.refresh()
        #expect(["17", "18", "19", "20"].map { tokens.token(for: $0)?.revealed } == ["A", "b", nil, "d"])
        try folder.replace("tokens", with: #"{"17": "A", "18": "B"}"#)
        tokens.refresh()
        var announced = tokens.changes.makeAsyncIterator()
        #expect(await announced.next() == ["17", "20"])
        #expect(await announced.next() == ["18"])
    }

    @Test(
        "a broken file keeps the old tokens and says so once, and once that it is over",
        arguments: [
            "17: [hush", "", "hush", nil,
        ]
    )
    func broken(text: String?) throws {
        try folder.write("17: a\n", to: "tokens")
        let tokens = try file()
        if let text { try folder.write(text, to: "tokens") } else { try folder.remove("tokens") }
        for _ in 0..<3 {
            tokens.refresh()
        }
        #expect(tokens.token(for: "17")?.revealed == "a")
        #expect(log.count(of: "the tokens stay as they were") == 1)
        #expect(!log.lines.joined().contains("hush"))
        try folder.write("17: b\n", to: "tokens")
        tokens.refresh()
        tokens.refresh()
        #expect(tokens.token(for: "17")?.revealed == "b")
        #expect(log.count(of: "can be read again") == 1)
    }

    @Test("one token that cannot be used keeps that account's old one and changes the others")
    func oneBroken() throws {
        try folder.write("17: a\n18: b\n", to: "tokens")
        let tokens = try file()
        try folder.replace("tokens", with: "17: hush hush\n18: B\n19:\nhush: x\n")
        tokens.refresh()
        tokens.refresh()
        #expect(["17", "18", "19"].map { tokens.token(for: $0)?.revealed } == ["a", "B", nil])
        #expect(log.count(of: "line 1: the token of account 17 holds a space") == 1)
        #expect(log.count(of: "line 3: account 19 has no token") == 1)
        #expect(log.count(of: "line 4: the name is not an account id") == 1)
        #expect(!log.lines.joined().contains("hush"))
    }

    @Test("a second change that leaves the same size, time and inode is found one look later")
    func sameFingerprint() throws {
        try folder.write("17: a\n", to: "tokens")
        let tokens = try file()
        let time = Date(timeIntervalSince1970: 1_700_000_000)
        let path = "\(folder.path)/tokens"
        func overwrite(_ text: String) throws {
            let handle = try FileHandle(forWritingTo: URL(filePath: path))
            try handle.write(contentsOf: Data(text.utf8))
            try handle.close()
            try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: path)
        }
        try overwrite("17: b\n")
        tokens.refresh()
        #expect(tokens.token(for: "17")?.revealed == "b")
        try overwrite("17: c\n")
        tokens.refresh()
        #expect(tokens.token(for: "17")?.revealed == "c")
    }

    @Test("a directory holds a file per account; the line end is no part of the token, and other names are passed over")
    func directoryFiles() throws {
        try folder.write("a\n", to: "17")
        try folder.write("b\r\n", to: "18")
        try folder.write("c", to: "README")
        try folder.write("d", to: ".hidden")
        try folder.makeFolder("19")
        let tokens = try directory()
        #expect(["17", "18", "19", "README"].map { tokens.token(for: $0)?.revealed } == ["a", "b", nil, nil])
        #expect(log.count(of: "README is not named like an account id") == 1)
        #expect(log.count(of: "19 is not a file") == 1)
        #expect(log.lines.count == 2)
    }

    @Test("a mounted secret is followed through its links when it is replaced as a whole")
    func mountedSecret() async throws {
        try folder.makeFolder("..2026_1")
        try folder.write("a", to: "..2026_1/17")
        try folder.write("b", to: "..2026_1/18")
        try folder.link("..data", to: "..2026_1")
        try folder.link("17", to: "..data/17")
        try folder.link("18", to: "..data/18")
        let tokens = try directory()
        #expect(tokens.token(for: "17")?.revealed == "a")
        try folder.makeFolder("..2026_2")
        try folder.write("A", to: "..2026_2/17")
        try folder.write("b", to: "..2026_2/18")
        try folder.link("..data", to: "..2026_2")
        tokens.refresh()
        #expect(tokens.token(for: "17")?.revealed == "A")
        var announced = tokens.changes.makeAsyncIterator()
        #expect(await announced.next() == ["17"])
        #expect(log.count(of: "WARNING") == 0)
    }

    @Test("in a directory a broken file keeps its account's token, a removed one takes it away")
    func directoryChanges() throws {
        try folder.write("a", to: "17")
        try folder.write("b", to: "18")
        let tokens = try directory()
        try folder.write("", to: "17")
        try folder.remove("18")
        try folder.write("c", to: "19")
        tokens.refresh()
        tokens.refresh()
        #expect(["17", "18", "19"].map { tokens.token(for: $0)?.revealed } == ["a", nil, "c"])
        #expect(log.count(of: "the token in 17 is empty") == 1)
    }

    @Test("a directory that is gone keeps all tokens; one that never was fails the start")
    func directoryGone() throws {
        try folder.makeFolder("mount")
        try folder.write("a", to: "mount/17")
        let tokens = try WatchedTokens(TokenDirectory(path: "\(folder.path)/mount"), logger: log.logger()) {}
        try folder.remove("mount")
        tokens.refresh()
        tokens.refresh()
        #expect(tokens.token(for: "17")?.revealed == "a")
        #expect(log.count(of: "the tokens stay as they were") == 1)
        #expect(throws: TokenPlaceError.self) {
            try WatchedTokens(TokenDirectory(path: "\(folder.path)/mount"), logger: log.logger()) {}
        }
    }

    @Test("running looks after each pause, announces, and stops when it is cancelled")
    func running() async throws {
        try folder.write("17: a\n", to: "tokens")
        let (looks, look) = AsyncStream<Void>.makeStream()
        let turns = Turns(looks)
        var settings = WorkerConfiguration.Tokens()
        settings.file = "\(folder.path)/tokens"
        let tokens = try TokenSources.make(settings, logger: log.logger()) { try await turns.next() }
        let running = Task { await tokens.run() }
        try folder.replace("tokens", with: "17: b\n")
        look.yield()
        var announced = tokens.changes.makeAsyncIterator()
        #expect(await announced.next() == ["17"])
        #expect(tokens.token(for: "17")?.revealed == "b")
        running.cancel()
        await running.value
    }

    @Test("a change of many accounts is announced in pieces")
    func pieces() async throws {
        func text(_ token: String) -> String { (1...2_500).map { "\(1_000 + $0): \(token)\n" }.joined() }
        try folder.write(text("a"), to: "tokens")
        let tokens = try file()
        try folder.replace("tokens", with: text("b"))
        tokens.refresh()
        var announced = tokens.changes.makeAsyncIterator()
        var pieces: [[String]] = []
        while pieces.joined().count < 2_500, let piece = await announced.next() { pieces.append(piece) }
        #expect(pieces.map(\.count) == [1_000, 1_000, 500])
        #expect(pieces.joined().sorted() == (1...2_500).map { "\(1_000 + $0)" }.sorted())
    }

    /// Lets a pause end when the test says so.
    private actor Turns {
        private var iterator: AsyncStream<Void>.Iterator

        init(_ turns: AsyncStream<Void>) {
            iterator = turns.makeAsyncIterator()
        }

        func next() async throws {
            var iterator = iterator
            let turn: Void? = await iterator.next(isolation: self)
            self.iterator = iterator
            if turn == nil { throw CancellationError() }
        }
    }
}
