import AsyncHTTPClient
import FoundationEssentials
import InstagramMessaging
import NIOCore
import NIOHTTP1

/// Asks the server of one file what it serves, without being led into a private network.
///
/// Every hop is checked anew: first the scheme and the host as they stand in the URL, then all addresses that the host's
/// name resolves to; the connection goes to the very address that was checked.
///
/// One address that is not on the public internet is enough to refuse the file, though others of the same name are public:
/// which of them a client gets is left to chance, so the file could not be relied on, and a name made to lead into a private
/// network answers in just this way.
struct MediaProbe: Sendable {
    static let maximumRedirects = 3

    let clients: PinnedClients
    let resolver: any HostResolver
    let policy: AddressPolicy

    /// Checks a file. Returns by the deadline, or shortly after.
    func finding(for file: MediaFile, deadline: NIODeadline) async -> MediaFinding {
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
        deadline: NIODeadline
    ) async -> Hop {
        if let scheme = URL(string: url)?.scheme?.lowercased(), scheme != "http", scheme != "https" {
            return .ended(.scheme(scheme, isRedirect: isRedirect))
        }
        guard let request = try? HTTPClient.Request(url: url, method: .HEAD, headers: Self.headers),
            let host = WebHost(Substring(request.host))
        else { return .ended(.inconclusive) }
        guard policy.permits(host) else { return .ended(.privateHost(request.host, isRedirect: isRedirect)) }
        switch await checkedAddress(of: request, deadline: deadline) {
        case .none: return .ended(.inconclusive)
        case .forbidden(let address):
            return .ended(.privateAddress(address, of: request.host, isRedirect: isRedirect))
        case .permitted(let address):
            let key = PinnedClients.Key(host: request.host, address: address)
            return await clients.withClient(for: key) { client in
                await answer(to: request, kind: kind, client: client, deadline: deadline)
            } ?? .ended(.inconclusive)
        }
    }

    /// Asks with HEAD; where that says nothing in the file's favour, asks for its first byte. HEAD alone never refuses:
    /// some servers answer it with something else than the file.
    private func answer(
        to request: HTTPClient.Request,
        kind: MediaReference.Kind,
        client: HTTPClient,
        deadline: NIODeadline
    ) async -> Hop {
        if let head = await MediaExchange.head(of: request, client: client, deadline: deadline) {
            if let next = Self.redirect(head, from: request) { return .redirected(next) }
            if MediaFinding(head: head, kind: kind) == .fine { return .ended(.fine) }
        }
        guard deadline > .now(), var ranged = try? HTTPClient.Request(url: request.url, headers: Self.headers) else {
            return .ended(.inconclusive)
        }
        ranged.headers.add(name: "Range", value: "bytes=0-0")
        guard let head = await MediaExchange.head(of: ranged, client: client, deadline: deadline) else {
            return .ended(.inconclusive)
        }
        if let next = Self.redirect(head, from: request) { return .redirected(next) }
        return .ended(MediaFinding(head: head, kind: kind))
    }

    private func checkedAddress(of request: HTTPClient.Request, deadline: NIODeadline) async -> CheckedAddress {
        if let literal = try? SocketAddress(ipAddress: request.host.withoutBrackets, port: request.port) {
            return literal.ipAddress.map(CheckedAddress.permitted) ?? .none
        }
        let found = await resolver.addresses(of: request.host, port: request.port, deadline: deadline)
        return CheckedAddress(found, policy: policy)
    }

    private static let headers: HTTPHeaders = [
        "User-Agent": "instagram-send-worker", "Accept": "*/*", "Accept-Encoding": "identity",
    ]

    /// Where the answer sends the client; nil where it is no redirect.
    private static func redirect(_ head: HTTPResponseHead, from request: HTTPClient.Request) -> String? {
        switch head.status.code {
        case 301, 302, 303, 307, 308:
            head.headers.first(name: "Location").flatMap {
                URL(string: $0, relativeTo: request.url)?.absoluteURL.absoluteString
            }
        default: nil
        }
    }
}

extension String {
    fileprivate var withoutBrackets: String {
        hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : self
    }
}
