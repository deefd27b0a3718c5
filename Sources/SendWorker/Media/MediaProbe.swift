import FoundationEssentials
import HTTP
import HTTPCodec
import InstagramMessaging
import Reactor

/// Asks the server of one file what it serves, without being led into a private network.
///
/// Every hop is checked anew: first the scheme and the host as they stand in the URL, then all addresses that the host's
/// name resolves to; the connection goes to the very address that was checked, whatever the name resolves to by then, and
/// its peer is looked at again once it stands.
///
/// One address that is not on the public internet is enough to refuse the file, though others of the same name are public:
/// which of them a client gets is left to chance, so the file could not be relied on, and a name made to lead into a private
/// network answers in just this way.
struct MediaProbe: Sendable {
    static let maximumRedirects = 3

    let reactor: Reactor
    let client: HTTPClient
    let resolver: any HostResolver
    let policy: AddressPolicy

    /// Checks a file. Returns by the deadline (on the reactor's clock), or shortly after.
    func finding(for file: MediaFile, deadline: Int64) async -> MediaFinding {
        var target = file.url
        for redirects in 0...Self.maximumRedirects {
            switch await hop(to: target, isRedirect: redirects > 0, kind: file.kind, deadline: deadline) {
            case .ended(let finding): return finding
            case .redirected(let next): target = next
            }
        }
        return .inconclusive
    }

    private enum Hop {
        case ended(MediaFinding)
        case redirected(String)
    }

    private func hop(
        to url: String,
        isRedirect: Bool,
        kind: MediaReference.Kind,
        deadline: Int64
    ) async -> Hop {
        if let scheme = URL(string: url)?.scheme?.lowercased(), scheme != "http", scheme != "https" {
            return .ended(.scheme(scheme, isRedirect: isRedirect))
        }
        guard let origin = HTTPOrigin(url: url) else { return .ended(.inconclusive) }
        // As it is written in the URL, for people.
        let written = URL(string: url)?.host ?? origin.host
        let name = written.contains(":") && !written.hasPrefix("[") ? "[\(written)]" : written
        guard let host = WebHost(Substring(name)) else { return .ended(.inconclusive) }
        guard policy.permits(host) else { return .ended(.privateHost(name, isRedirect: isRedirect)) }
        switch await checkedAddress(of: origin, deadline: deadline) {
        case .none: return .ended(.inconclusive)
        case .forbidden(let address):
            return .ended(.privateAddress(address, of: name, isRedirect: isRedirect))
        case .permitted(let address):
            return await answer(to: url, kind: kind, at: address, deadline: deadline)
        }
    }

    /// Asks with HEAD; where that says nothing in the file's favour, asks for its first byte. HEAD alone never refuses:
    /// some servers answer it with something else than the file.
    private func answer(
        to url: String,
        kind: MediaReference.Kind,
        at address: SocketAddress,
        deadline: Int64
    ) async -> Hop {
        if let head = await head(of: .head, url, headers: Self.headers, at: address, deadline: deadline) {
            if let next = Self.redirect(head, from: url) { return .redirected(next) }
            if MediaFinding(head: head, kind: kind, url: url) == .fine { return .ended(.fine) }
        }
        let ranged = HTTPHeaders(Self.headers.map { ($0.name, $0.value) } + [("Range", "bytes=0-0")])
        guard let head = await head(of: .get, url, headers: ranged, at: address, deadline: deadline) else {
            return .ended(.inconclusive)
        }
        if let next = Self.redirect(head, from: url) { return .redirected(next) }
        return .ended(MediaFinding(head: head, kind: kind, url: url))
    }

    /// The head of the answer to one request, whose body is not read; nil where none came by the deadline.
    private func head(
        of method: HTTPMethod,
        _ url: String,
        headers: HTTPHeaders,
        at address: SocketAddress,
        deadline: Int64
    ) async -> HTTPResponse? {
        let left = deadline - Reactor.monotonicNow()
        guard left > 0 else { return nil }
        let request = HTTPRequest(method: method, url: url, headers: headers)
        return try? await client.response(
            to: request,
            timeout: .nanoseconds(left),
            headOnly: true,
            connectingTo: address
        )
    }

    private func checkedAddress(of origin: HTTPOrigin, deadline: Int64) async -> CheckedAddress {
        if let literal = SocketAddress(ipAddress: origin.host, port: origin.port) { return .permitted(literal) }
        let found = await resolver.addresses(of: origin.host, port: origin.port, on: reactor, deadline: deadline)
        return CheckedAddress(found, policy: policy)
    }

    private static let headers = HTTPHeaders([
        ("User-Agent", "instagram-send-worker"), ("Accept", "*/*"), ("Accept-Encoding", "identity"),
    ])

    /// Returns where the answer sends the client; nil where it is no redirect.
    private static func redirect(_ head: HTTPResponse, from url: String) -> String? {
        switch head.status {
        case 301, 302, 303, 307, 308:
            head.headers.first("Location").flatMap {
                URL(string: $0, relativeTo: URL(string: url))?.absoluteURL.absoluteString
            }
        default: nil
        }
    }
}

/// The addresses to which the preflight may send requests.
struct AddressPolicy: Sendable {
    /// True where everything is allowed.
    var allowsPrivateHosts = false
    /// Addresses that count as public although they are not, as long as a name leads there. This lets a test have a
    /// public server on this machine.
    var exceptions: Set<String> = []

    /// Whether a host may be asked, as far as the URL itself tells.
    func permits(_ host: WebHost) -> Bool {
        allowsPrivateHosts || host.isPublic
    }

    /// Whether an address may be connected to that a name has resolved to; without brackets.
    func permits(address: String) -> Bool {
        if allowsPrivateHosts || exceptions.contains(address) { return true }
        return WebHost(Substring(address.contains(":") ? "[\(address)]" : address))?.isPublic ?? false
    }
}

/// The judgement of a host's addresses.
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
