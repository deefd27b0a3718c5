import Reactor

/// What a host's addresses allow.
enum CheckedAddress: Sendable, Hashable {
    /// The address to connect to; every address of the host may be connected to.
    case permitted(SocketAddress)
    /// The first address that must not be connected to.
    case forbidden(String)
    /// The host has no address.
    case none

    init(_ addresses: [SocketAddress], policy: AddressPolicy) {
        if let forbidden = addresses.first(where: { !policy.permits(address: $0.ipAddress) }) {
            self = .forbidden(forbidden.ipAddress)
        } else {
            // Many containers resolve IPv6 addresses that they cannot reach.
            self = (addresses.first { $0.family == .v4 } ?? addresses.first).map(Self.permitted) ?? .none
        }
    }
}

extension HostResolver {
    /// The addresses of a name; none where it does not resolve in time. A look-up cannot be called off: its answer is
    /// ignored when it comes too late.
    func addresses(of host: String, port: Int, on reactor: Reactor, deadline: Int64) async -> [SocketAddress] {
        await withCheckedContinuation { continuation in
            let isQueued = reactor.execute {
                resolve(host, port: port, on: reactor, deadline: deadline) { result in
                    continuation.resume(returning: (try? result.get()) ?? [])
                }
            }
            if !isQueued { continuation.resume(returning: []) }
        }
    }
}
