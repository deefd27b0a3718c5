import KafkaClient
import Reactor
import Testing

@testable import SendWorker

@Suite(.timeLimit(.minutes(1)))
struct AdvertisedBrokersTests {
    private static let silent = "192.0.2.1"

    /// A port that nobody listens on, and one where somebody does.
    private func ports(_ body: (_ free: Int, _ taken: Int) async throws -> Void) async throws {
        let listener = try Socket.listen(on: try #require(SocketAddress(ipAddress: "127.0.0.1", port: 0)))
        let other = try Socket.listen(on: try #require(SocketAddress(ipAddress: "127.0.0.1", port: 0)))
        let free = try #require(Socket.localAddress(other)?.port)
        Socket.close(other)
        try await body(free, try #require(Socket.localAddress(listener)?.port))
        Socket.close(listener)
    }

    private func failure(_ host: String, _ port: Int, _ resolver: some HostResolver = SystemResolver()) async throws
        -> AddressProbe.Failure?
    {
        let reactor = try Reactor(name: "test")
        let failure = await AddressProbe.failure(
            host: host,
            port: port,
            within: .milliseconds(500),
            resolver: resolver,
            on: reactor
        )
        await reactor.shutdown()
        return failure
    }

    @Test func `an address is reached where somebody listens and refused where nobody does`() async throws {
        try await ports { free, taken in
            let reached = try await failure("127.0.0.1", taken)
            let refused = try await failure("127.0.0.1", free)
            #expect(reached == nil && refused == .refused)
        }
    }

    @Test func `one address of a name that can be reached is enough`() async throws {
        try await ports { _, taken in
            let resolver = SystemResolver { _ in
                .success(["127.0.0.2", "127.0.0.1"].compactMap { SocketAddress(ipAddress: $0, port: 0) })
            }
            let reached = try await failure("several", taken, resolver)
            #expect(reached == nil)
        }
    }

    @Test func `a name that does not resolve, and one that is not resolved in time, are told apart from a port`()
        async throws
    {
        let unknown = SystemResolver { _ in .failure(ResolveError(kind: .notFound, words: "Name or service not known"))
        }
        #expect(try await failure("kafka", 9_092, unknown) == .noSuchName("Name or service not known"))
    }

    @Test func `the addresses are named with what is wrong and advertised.listeners`() {
        let brokers = [
            KafkaBroker(id: 1, host: "kafka", port: 29_092), KafkaBroker(id: 2, host: "10.0.0.9", port: 9_092),
        ]
        let all = AdvertisedBrokers(
            bootstrapServers: "localhost:9092",
            all: brokers,
            unreachable: [
                .init(broker: brokers[0], failure: .noSuchName("unknown")), .init(broker: brokers[1], failure: .silent),
            ]
        )
        #expect(all.areAllUnreachable)
        #expect(all.problem?.contains("kafka:29092 (broker 1): the name does not resolve (unknown)") == true)
        #expect(all.problem?.contains("10.0.0.9:9092 (broker 2): nobody answers there") == true)
        #expect(all.remedy.contains("advertised.listeners"))
        let one = AdvertisedBrokers(bootstrapServers: "x", all: brokers, unreachable: [all.unreachable[1]])
        #expect(one.problem != nil && !one.areAllUnreachable)
        #expect(AdvertisedBrokers(bootstrapServers: "x", all: brokers, unreachable: []).problem == nil)
    }

    @Test(
        arguments: [
            ("Disconnected while requesting ApiVersion: might be caused by …", "SSL or SASL_SSL (it is PLAINTEXT)"),
            (
                "Disconnected: connection closed by peer: receive 0 after POLLIN (after 6ms in state APIVERSION_QUERY)",
                "SSL or SASL_SSL (it is PLAINTEXT)"
            ),
            ("Disconnected: verify that …, broker might require SASL authentication", "SASL_PLAINTEXT or SASL_SSL"),
            ("SSL handshake failed: error:0A000126:SSL routines::unexpected eof while reading", "answers without TLS"),
            ("SSL handshake failed: …: connecting to a PLAINTEXT broker listener?", "PLAINTEXT or SASL_PLAINTEXT"),
            ("SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: …", "ssl.ca.location"),
            (
                "SASL PLAIN mechanism handshake failed: Broker: Request not valid in current SASL state",
                "PLAINTEXT or SSL"
            ),
            ("SASL SCRAM-SHA-256 mechanism handshake failed: Broker: Unsupported SASL mechanism", "sasl.mechanism"),
            ("SASL authentication error: Authentication failed: Invalid username or password", "sasl.username"),
            ("Failed to resolve 'kafka:9092': Name or service not known", "kafka.bootstrapServers"),
        ]
    )
    func `a connection that fails gets a hint`(complaint: String, hint: String) {
        let remedy = ConnectionHint.remedy(for: complaint, securityProtocol: "PLAINTEXT")
        #expect(remedy?.contains(hint) == true, "\(String(describing: remedy))")
    }
}
