import Reactor

/// The names under which the admin port may be asked: `localhost`, addresses, and those of `admin.allowedHosts`.
///
/// A page of somebody else's, open in a browser on this machine, could otherwise have its own name resolve to this machine
/// (DNS rebinding) and read what is shown here, or use it.
struct AdminHosts: Sendable {
    /// In lower case; nil where any name may be used.
    private let names: Set<String>?

    /// - Parameters:
    ///   - allowed: Nil where none were given: then the check is for a worker that listens on this machine alone, and in
    ///     containers and services any name may be used.
    ///   - host: `admin.host`.
    init(allowed: [String]?, listeningOn host: String) {
        if let allowed {
            names = Set(allowed.map(Self.normalised))
        } else {
            names = Self.isLoopback(Self.normalised(host)) ? [] : nil
        }
    }

    /// Whether a request for this host, with or without a port, is answered; one for none, as old clients send, is.
    func allow(_ authority: String?) -> Bool {
        guard let names, let authority else { return true }
        let name = Self.normalised(Self.host(of: authority))
        return name == "localhost" || names.contains(name) || SocketAddress(ipAddress: name, port: 0) != nil
    }

    /// `[::1]:8080` → `::1`, `localhost:8080` → `localhost`.
    private static func host(of authority: String) -> String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        return String(authority.prefix { $0 != ":" })
    }

    /// In lower case, without brackets and without the dot that ends a full name.
    private static func normalised(_ host: String) -> String {
        var name = host.lowercased()
        if name.hasPrefix("["), name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
        if name.hasSuffix(".") { name.removeLast() }
        return name
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1"
            || (host.hasPrefix("127.") && SocketAddress(ipAddress: host, port: 0) != nil)
    }
}
