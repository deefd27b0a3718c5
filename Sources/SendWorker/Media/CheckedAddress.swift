import AsyncHTTPClient
import NIOCore

/// What a host's addresses allow.
enum CheckedAddress: Sendable, Hashable {
    /// The address to connect to; every address of the host may be connected to.
    case permitted(String)
    /// The first address that must not be connected to.
    case forbidden(String)
    /// The host has no address.
    case none

    init(_ addresses: [SocketAddress], policy: AddressPolicy) {
        let texts = addresses.compactMap(\.ipAddress)
        if let forbidden = texts.first(where: { !policy.permits(address: $0) }) {
            self = .forbidden(forbidden)
        } else {
            self = texts.first.map(Self.permitted) ?? .none
        }
    }
}

extension HostResolver {
    /// The addresses of a name; none where it does not resolve in time.
    func addresses(of host: String, port: Int, deadline: NIODeadline) async -> [SocketAddress] {
        let loop = HTTPClient.defaultEventLoopGroup.any()
        let resolved = loop.makePromise(of: [SocketAddress].self)
        // A lookup cannot be called off; its answer is ignored when it comes too late.
        let timer = loop.scheduleTask(deadline: deadline) { resolved.succeed([]) }
        addresses(of: host, port: port, on: loop).cascade(to: resolved)
        defer { timer.cancel() }
        return (try? await resolved.futureResult.get()) ?? []
    }
}
