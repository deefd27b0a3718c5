import AsyncHTTPClient
import FoundationEssentials
import InstagramMessaging
import NIOCore
import NIOHTTP1

/// Asks the server of one file what it serves, without being led into a private network.
///
/// Every hop is checked anew: first the host as it stands in the URL, then all addresses it resolves to; the connection
/// goes to the very address that was checked. What the URL itself says may refuse a message; what a name resolves to
/// here only keeps the request from being made, because Graph's resolver may see another address.
struct MediaProbe: Sendable {
    static let maximumRedirects = 3

    let clients: PinnedClients
    let resolver: any HostResolver
    let policy: AddressPolicy

    /// The deadline has passed.
    private struct OutOfTime: Error {}

    /// Checks a file. Returns by the deadline, or shortly after.
    func finding(for media: MediaReference, deadline: NIODeadline) async -> MediaFinding {
        var target = media.url
        for _ in 0...Self.maximumRedirects {
            switch await hop(to: target, kind: media.kind, deadline: deadline) {
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

    private func hop(to url: String, kind: MediaReference.Kind, deadline: NIODeadline) async -> Hop {
        guard let request = try? HTTPClient.Request(url: url, method: .HEAD, headers: Self.headers),
            request.scheme == "http" || request.scheme == "https",
            let host = WebHost(Substring(request.host))
        else { return .ended(.inconclusive) }
        guard policy.permits(host) else {
            return .ended(
                .refused(
                    rule: "url.private_host",
                    message:
                        "leads to \(host.inWords), which is not on the public internet; Graph cannot fetch it there"
                )
            )
        }
        guard let address = await checkedAddress(of: request, deadline: deadline) else { return .ended(.inconclusive) }
        let key = PinnedClients.Key(host: request.host, address: address)
        return await clients.withClient(for: key) { client in
            await answer(to: request, kind: kind, client: client, deadline: deadline)
        } ?? .ended(.inconclusive)
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

    /// The address to connect to, if every address of the host may be connected to.
    private func checkedAddress(of request: HTTPClient.Request, deadline: NIODeadline) async -> String? {
        let loop = HTTPClient.defaultEventLoopGroup.any()
        if let literal = try? SocketAddress(ipAddress: request.host.withoutBrackets, port: request.port) {
            return literal.ipAddress
        }
        let resolved = loop.makePromise(of: [SocketAddress].self)
        // A lookup cannot be called off; its answer is ignored when it comes too late.
        let timer = loop.scheduleTask(deadline: deadline) { resolved.fail(OutOfTime()) }
        resolver.addresses(of: request.host, port: request.port, on: loop).cascade(to: resolved)
        let found = try? await resolved.futureResult.get()
        timer.cancel()
        let addresses = (found ?? []).map(\.ipAddress)
        return addresses.allSatisfy { $0.map(policy.permits(address:)) ?? false } ? addresses.first ?? nil : nil
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

extension WebHost {
    fileprivate var inWords: String {
        switch self {
        case .name(let name): name
        case .ipv4, .ipv6: "a loopback, link-local, private or reserved address"
        }
    }
}

extension String {
    fileprivate var withoutBrackets: String {
        hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : self
    }
}
