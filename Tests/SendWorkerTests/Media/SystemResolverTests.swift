import NIOCore
import NIOPosix
import Testing

@testable import SendWorker

@Suite("Media preflight: the system's resolver", .timeLimit(.minutes(1)))
struct SystemResolverTests {
    private func addresses(of host: String) async throws -> [SocketAddress] {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        return try await SystemResolver().addresses(of: host, port: 80, on: loop).get()
    }

    @Test("localhost has loopback addresses, IPv4 first")
    func localhost() async throws {
        let found = try await addresses(of: "localhost")
        #expect(found.first?.ipAddress == "127.0.0.1")
        #expect(found.allSatisfy { ["127.0.0.1", "::1"].contains($0.ipAddress) && $0.port == 80 })
    }

    @Test("a name that does not exist has no addresses")
    func unknown() async throws {
        #expect(try await addresses(of: "nowhere.invalid").isEmpty)
    }
}
