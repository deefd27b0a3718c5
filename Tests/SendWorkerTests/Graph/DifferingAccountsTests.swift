import InstagramMessaging
import OpenSSL
import Testing

@testable import SendWorker

@Suite("Graph transport: accounts that differ", .timeLimit(.minutes(1)))
struct DifferingAccountsTests {
    private static func transport(
        to url: String,
        _ tokens: FixedTokens,
        appSecret: String? = nil
    ) throws -> HTTPGraphTransport {
        try HTTPGraphTransport(
            settings: GraphSettings(baseURL: url, appSecret: appSecret.map { SecretText($0) }, maxInFlight: 4),
            tokens: tokens,
            reactor: TestReactor.shared,
            now: { Timestamp(millisecondsSinceEpoch: 0) }
        )
    }

    private static func proof(_ secret: String, _ token: String) -> String {
        Hexadecimal.text(HMACSHA256(key: Array(secret.utf8)).authenticationCode(for: Array(token.utf8)))
    }

    @Test func `each call uses its account's host, path id and secret, over one connection a host`() async throws {
        let script = RawServer.Script { _ in .answer(TransportFixture.delivered) }
        try await RawServer.with(script) { standard in
            try await RawServer.with(script) { other in
                let tokens = FixedTokens(
                    ["1": "a", "2": "b", "3": "c"],
                    own: [
                        "2": AccountSettings(pathID: "22", baseURL: other.url + "/base", appSecret: SecretText("two")),
                        "3": AccountSettings(baseURL: other.url + "/base"),
                    ]
                )
                let transport = try Self.transport(to: standard.url, tokens, appSecret: "one")
                try await TransportFixture.withTransport(transport) { transport in
                    for account in ["1", "2", "3", "1", "2", "3"] {
                        let outcome = await transport.outcome(of: TransportFixture.call(account: account))
                        #expect(outcome.outcomeClass == .delivered)
                    }
                }
                let own = "POST /v23.0/1/messages?appsecret_proof=\(Self.proof("one", "a"))"
                #expect(standard.requests.map(\.target) == [own, own])
                let others = [
                    "POST /base/v23.0/22/messages?appsecret_proof=\(Self.proof("two", "b"))",
                    "POST /base/v23.0/3/messages?appsecret_proof=\(Self.proof("one", "c"))",
                ]
                #expect(other.requests.map(\.target) == others + others)
                #expect(other.requests.allSatisfy { $0.header("host") == "127.0.0.1:\(other.port)" })
                #expect(other.requests.first?.header("authorization") == "Bearer b")
                #expect(standard.connections == 1 && other.connections == 1)
            }
        }
    }

    @Test func `a host that is away fails its own accounts' calls alone, and is named`() async throws {
        let script = RawServer.Script { _ in .answer(TransportFixture.delivered) }
        let away = try await RawServer.with(script) { $0.url }
        try await RawServer.with(script) { standard in
            let tokens = FixedTokens(["1": "a", "2": "b"], own: ["2": AccountSettings(baseURL: away)])
            let transport = try Self.transport(to: standard.url, tokens)
            try await TransportFixture.withTransport(transport) { transport in
                let failed = await transport.outcome(of: TransportFixture.call(account: "2"))
                #expect(failed.outcomeClass == .notSent)
                #expect(failed.error?.message.hasPrefix("\(away.dropFirst("http://".count)): ") == true)
                #expect(await transport.outcome(of: TransportFixture.call(account: "1")).outcomeClass == .delivered)
            }
        }
    }

    @Test func `many hosts one after the other leave no pool behind, and a shut down transport calls none`()
        async throws
    {
        let script = RawServer.Script { _ in .answer(TransportFixture.delivered) }
        try await RawServer.with(script) { server in
            let accounts = (1...40).map(String.init)
            let own = accounts.map { ($0, AccountSettings(baseURL: "http://127.0.0.\($0):\(server.port)")) }
            let tokens = FixedTokens([:], everyone: "t", own: Dictionary(uniqueKeysWithValues: own))
            let transport = try Self.transport(to: server.url, tokens)
            try await TransportFixture.withTransport(transport) { transport in
                #expect(await transport.outcome(of: TransportFixture.call(account: "1")).outcomeClass == .delivered)
                for account in accounts.dropFirst() {
                    let outcome = await transport.outcome(of: TransportFixture.call(account: account))
                    #expect([.delivered, .notSent].contains(outcome.outcomeClass))
                }
            }
            let late = await transport.outcome(of: TransportFixture.call(account: "41"))
            #expect(late.outcomeClass == .notSent)
        }
    }
}
