import SendWorker
import Testing

@Suite("Token sources", .timeLimit(.minutes(1)))
struct TokenSourceTests {
    @Test("fixed tokens answer for the accounts they name, or for everyone")
    func fixed() {
        let tokens = FixedTokens(["17": "a"])
        #expect(tokens.token(for: "17")?.revealed == "a")
        #expect(tokens.token(for: "18") == nil)
        #expect(FixedTokens([:], everyone: "x").token(for: "18")?.revealed == "x")
    }

    @Test("a fixed token that is changed is announced; one that stays or goes is not")
    func changes() async {
        let tokens = FixedTokens(["17": "a", "18": "b"])
        tokens.set("a", for: "17")
        tokens.set(nil, for: "18")
        tokens.set("c", for: "19")
        tokens.set("b", for: "18")
        var announced = tokens.changes.makeAsyncIterator()
        #expect(await announced.next() == ["19"])
        #expect(await announced.next() == ["18"])
    }

    @Test("running fixed tokens ends when it is cancelled")
    func fixedRun() async {
        let running = Task { await FixedTokens([:]).run() }
        running.cancel()
        await running.value
    }

    @Test("without a place for tokens there is an error that names the keys")
    func noPlace() {
        let error = #expect(throws: ConfigurationError.self) {
            try TokenSources.make(WorkerConfiguration.Tokens(), logger: LogRecorder().logger())
        }
        #expect(error?.description.contains("tokens.file") == true)
    }

    @Test(
        "text that is not fit for a header is no token",
        arguments: ["", " \n", "a b", "a\nb", "ä", "a\u{7f}", "\r\n", "a ", " a\n", "\ta"]
    )
    func unfit(text: String) {
        #expect(throws: AccessToken.Fault.self) { try AccessToken(checking: text) }
    }

    @Test("line ends behind a token are taken off, and a token of 4096 bytes is the longest")
    func fit() throws {
        for text in ["EAA|x-_.\r\n", "EAA|x-_.\n", "EAA|x-_.\n\n", "EAA|x-_."] {
            #expect(try AccessToken(checking: text).revealed == "EAA|x-_.")
        }
        #expect(try AccessToken(checking: String(repeating: "a", count: 4096)).revealed.count == 4096)
        #expect(throws: AccessToken.Fault.tooLong) { try AccessToken(checking: String(repeating: "a", count: 4097)) }
    }
}
