#if canImport(Darwin)
import Darwin
#else
import CEpoll
import Glibc
#endif

extension SystemResolver {
    /// Asks `getaddrinfo` for the addresses of a host, which blocks.
    package static func addresses(of host: String) -> Result<[SocketAddress], ResolveError> {
        // A C string would end there, and so name another host.
        guard !host.isEmpty, !host.utf8.contains(0) else {
            return .failure(ResolveError(kind: .notFound, words: "this is no name of a host"))
        }
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Darwin)
        hints.ai_socktype = SOCK_STREAM
        #else
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else { return .failure(error(of: code, errno)) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = entry.ai_addr.flatMap({ SocketAddress($0) }), !addresses.contains(address) {
                addresses.append(address)
            }
            next = entry.ai_next
        }
        if addresses.isEmpty { return .failure(ResolveError(kind: .notFound, words: "the name has no address")) }
        return .success(addresses)
    }

    private static func error(of code: Int32, _ systemCode: Int32) -> ResolveError {
        let words = code == EAI_SYSTEM ? ReactorError.words(of: systemCode) : String(cString: gai_strerror(code))
        return ResolveError(kind: isFinal(code) ? .notFound : .temporary, words: words)
    }

    /// Whether the name servers denied the name. Their own failures, `EAI_FAIL` included, prove nothing about it.
    private static func isFinal(_ code: Int32) -> Bool {
        #if canImport(Darwin)
        code == EAI_NONAME || code == EAI_NODATA
        #else
        code == EAI_NONAME || code == c_eai_nodata
        #endif
    }
}
