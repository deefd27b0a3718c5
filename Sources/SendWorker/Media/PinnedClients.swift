import AsyncHTTPClient
import NIOCore
import Synchronization

/// HTTP clients that each can connect to one address only, whatever their host's name resolves to by then.
///
/// A client maps the name to the address that was checked, keeps the name for the `Host` header and for TLS, and looks at
/// its peer again once connected, before a byte of HTTP is written. A few are kept because each has to load the trust
/// roots of TLS.
final class PinnedClients: Sendable {
    /// A host as it stands in the URL, and the address it is bound to.
    struct Key: Hashable {
        var host: String
        /// Without brackets.
        var address: String
    }

    /// The connection reached another address than the one that was checked.
    struct WrongPeer: Error {}

    private struct Entry {
        var client: HTTPClient
        var users = 1
        var lastUse: UInt64
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var uses: UInt64 = 0
        var isShutDown = false
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let connectTimeout: TimeAmount

    /// - Parameter capacity: How many idle clients are kept.
    init(capacity: Int, connectTimeout: TimeAmount) {
        self.capacity = capacity
        self.connectTimeout = connectTimeout
    }

    /// Lends a client for one request; nil after the shutdown.
    func withClient<Answer: Sendable>(
        for key: Key,
        _ body: (HTTPClient) async -> Answer
    ) async -> Answer? {
        guard let client = borrow(key) else { return nil }
        let answer = await body(client)
        for retired in giveBack(key) { try? await retired.shutdown() }
        return answer
    }

    /// Closes all clients. Requests that run end without an answer.
    func shutdown() async {
        let clients = state.withLock { state in
            state.isShutDown = true
            defer { state.entries = [:] }
            return state.entries.values.map(\.client)
        }
        for client in clients { try? await client.shutdown() }
    }

    private func borrow(_ key: Key) -> HTTPClient? {
        state.withLock { state in
            guard !state.isShutDown else { return nil }
            state.uses += 1
            if state.entries[key] != nil {
                state.entries[key]?.users += 1
                state.entries[key]?.lastUse = state.uses
            } else {
                state.entries[key] = Entry(client: makeClient(for: key), lastUse: state.uses)
            }
            return state.entries[key]?.client
        }
    }

    /// Returns the clients that are no longer kept.
    private func giveBack(_ key: Key) -> [HTTPClient] {
        state.withLock { state in
            state.entries[key]?.users -= 1
            let idle = state.entries.filter { $0.value.users == 0 }.sorted { $0.value.lastUse < $1.value.lastUse }
            let retired = idle.prefix(max(idle.count - capacity, 0))
            for (key, _) in retired { state.entries[key] = nil }
            return retired.map(\.value.client)
        }
    }

    private func makeClient(for key: Key) -> HTTPClient {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: HTTPClient.Configuration.Timeout(connect: connectTimeout),
            connectionPool: HTTPClient.Configuration.ConnectionPool(idleTimeout: .seconds(2)),
            decompression: .disabled
        )
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.dnsOverride = [key.host: key.address]
        let expected = key.address
        configuration.http1_1ConnectionDebugInitializer = { channel in
            channel.remoteAddress?.ipAddress == expected
                ? channel.eventLoop.makeSucceededVoidFuture()
                : channel.eventLoop.makeFailedFuture(WrongPeer())
        }
        // One event loop per client: the client is not safe against a server that hangs up early when a request is
        // carried from loop to loop (see HTTPGraphTransport).
        return HTTPClient(
            eventLoopGroupProvider: .shared(HTTPClient.defaultEventLoopGroup.next()),
            configuration: configuration
        )
    }
}
