import Reactor

/// The source of the addresses for a pool's connections: a pinned one, a numeric host, or a name's look-up.
struct NameSource {
    typealias Answer = Result<[SocketAddress], ResolveError>

    private let resolver: any HostResolver
    private let host: String
    private let port: Int
    private let fixed: SocketAddress?
    private var book = AddressBook()
    private var waiting: [(Answer) -> Void] = []

    /// The proxy that leads to the origin.
    let proxy: HTTPProxy?

    init(settings: HTTPClientSettings, origin: HTTPOrigin) {
        resolver = settings.resolver
        proxy = origin.scheme == .https && !origin.isLoopback ? settings.proxy : nil
        host = proxy?.host ?? origin.host
        port = proxy?.port ?? origin.port
        fixed = proxy == nil ? settings.pinnedAddress ?? SocketAddress(ipAddress: host, port: port) : nil
    }

    mutating func connectFailed() { book.connectFailed() }

    /// Notes somebody who needs addresses.
    ///
    /// - Parameter take: Called at once where they are known, else with the answer.
    /// - Returns: Whether the resolver is to be asked.
    mutating func request(now: Int64, take: @escaping (Answer) -> Void) -> (known: Answer?, ask: Bool) {
        if let fixed { return (.success([fixed]), false) }
        let (action, ask) = book.addresses(now: now)
        if case .use(let addresses) = action { return (.success(addresses), ask) }
        waiting.append(take)
        return (nil, ask)
    }

    /// Asks the resolver.
    func ask(on reactor: Reactor, completion: @escaping (Answer) -> Void) {
        resolver.resolve(host, port: port, on: reactor, completion: completion)
    }

    /// Takes the resolver's answer in.
    ///
    /// - Returns: Those that wait for it, and what they get.
    mutating func answered(_ answer: Answer, now: Int64) -> (waiting: [(Answer) -> Void], Answer) {
        let result = book.answered(answer, now: now)
        defer { waiting = [] }
        return (waiting, result)
    }
}

extension HTTPConnectionPool {
    /// Gives the addresses to connect to: now or when the resolver has answered.
    func withAddresses(_ take: @escaping (NameSource.Answer) -> Void) {
        let (known, ask) = names.request(now: reactor.now, take: take)
        if ask {
            names.ask(on: reactor) { [self] answer in
                let (waiting, result) = names.answered(answer, now: reactor.now)
                for take in waiting { take(result) }
            }
        }
        if let known { take(known) }
    }
}
