#if canImport(Darwin)
package import Darwin
#else
package import Glibc
#endif

/// An IPv4 or IPv6 address with a port.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
    package enum Family: Sendable, Hashable {
        case v4
        case v6
    }

    package let family: Family
    /// In the order of the network; of IPv4 the first four bytes.
    private var high: UInt64 = 0
    private var low: UInt64 = 0
    /// The interface of a link-local IPv6 address; 0 for others.
    private var scope: UInt32 = 0
    private var portNumber: UInt16

    /// Reads a numeric address, such as `127.0.0.1` or `::1`; nil for anything else, names included.
    package init?(ipAddress: String, port: Int) {
        guard let port = UInt16(exactly: port), !ipAddress.utf8.contains(0) else { return nil }
        portNumber = port
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, ipAddress, &v4) == 1 {
            family = .v4
            withUnsafeMutableBytes(of: &high) { bytes in withUnsafeBytes(of: &v4) { bytes.copyMemory(from: $0) } }
        } else if inet_pton(AF_INET6, ipAddress, &v6) == 1 {
            family = .v6
            setBytes(of: v6)
        } else {
            return nil
        }
    }

    /// Reads the system's form; nil for other families, such as Unix domain sockets.
    package init?(_ address: UnsafePointer<sockaddr>) {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            let v4 = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self)
            family = .v4
            portNumber = UInt16(bigEndian: v4.sin_port)
            withUnsafeMutableBytes(of: &high) { bytes in
                withUnsafeBytes(of: v4.sin_addr) { bytes.copyMemory(from: $0) }
            }
        case AF_INET6:
            let v6 = UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self)
            family = .v6
            portNumber = UInt16(bigEndian: v6.sin6_port)
            scope = v6.sin6_scope_id
            setBytes(of: v6.sin6_addr)
        default: return nil
        }
    }

    package var port: Int {
        get { Int(portNumber) }
        set {
            guard let port = UInt16(exactly: newValue) else { preconditionFailure("\(newValue) is no port") }
            portNumber = port
        }
    }

    /// The address in the order of the network: 4 or 16 bytes.
    package var bytes: [UInt8] {
        let all = [high, low].flatMap { half in withUnsafeBytes(of: half) { Array($0) } }
        return Array(all.prefix(family == .v4 ? 4 : 16))
    }

    /// The address without its port, in its shortest form.
    package var ipAddress: String {
        var text = [CChar](repeating: 0, count: 64)
        let family = family == .v4 ? AF_INET : AF_INET6
        _ = bytes.withUnsafeBytes { inet_ntop(family, $0.baseAddress, &text, socklen_t(text.count)) }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// `127.0.0.1:80` or `[::1]:80`.
    package var description: String { family == .v4 ? "\(ipAddress):\(port)" : "[\(ipAddress)]:\(port)" }

    /// Gives the address in the system's form.
    package func withSockAddr<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Value) rethrows -> Value {
        switch family {
        case .v4:
            var address = sockaddr_in()
            #if canImport(Darwin)
            address.sin_len = UInt8(MemoryLayout<sockaddr_in>.size)
            #endif
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = portNumber.bigEndian
            withUnsafeMutableBytes(of: &address.sin_addr) { copyBytes(to: $0) }
            return try Self.rebound(&address, body)
        case .v6:
            var address = sockaddr_in6()
            #if canImport(Darwin)
            address.sin6_len = UInt8(MemoryLayout<sockaddr_in6>.size)
            #endif
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = portNumber.bigEndian
            address.sin6_scope_id = scope
            withUnsafeMutableBytes(of: &address.sin6_addr) { copyBytes(to: $0) }
            return try Self.rebound(&address, body)
        }
    }

    /// Reads an address that a system call writes; nil where the call fails.
    static func read(_ call: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Int32) -> (Int32, SocketAddress?) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                let result = call(address, &length)
                return (result, result < 0 ? nil : SocketAddress(address))
            }
        }
    }

    private mutating func setBytes(of v6: in6_addr) {
        withUnsafeBytes(of: v6) { bytes in
            high = bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
            low = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        }
    }

    private func copyBytes(to target: UnsafeMutableRawBufferPointer) {
        withUnsafeBytes(of: (high, low)) { target.copyMemory(from: .init(rebasing: $0.prefix(target.count))) }
    }

    private static func rebound<Address, Value>(
        _ address: inout Address,
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Value
    ) rethrows -> Value {
        try withUnsafePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}
