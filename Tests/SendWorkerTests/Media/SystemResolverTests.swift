import Reactor
import Testing

@testable import SendWorker

@Suite("Media preflight: the system's resolver", .timeLimit(.minutes(1)))
struct SystemResolverTests {
    private func addresses(of host: String) async throws -> [SocketAddress] {
        let reactor = try Reactor(name: "test")
        let deadline = Reactor.monotonicNow() + 30_000_000_000
        let found = await SystemResolver().addresses(of: host, port: 80, on: reactor, deadline: deadline)
        await reactor.shutdown()
        return found
    }

    @Test("localhost has loopback addresses, and IPv4 is connected to")
    func localhost() async throws {
        let found = try await addresses(of: "localhost")
        #expect(found.allSatisfy { ["127.0.0.1", "::1"].contains($0.ipAddress) && $0.port == 80 })
        let checked = CheckedAddress(found, policy: AddressPolicy(allowsPrivateHosts: true))
        #expect(checked == SocketAddress(ipAddress: "127.0.0.1", port: 80).map(CheckedAddress.permitted))
    }

    @Test("a name that does not exist has no addresses")
    func unknown() async throws {
        #expect(try await addresses(of: "nowhere.invalid").isEmpty)
    }
}
