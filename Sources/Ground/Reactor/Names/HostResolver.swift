/// The reason why a name has no addresses.
package struct ResolveError: Error, Hashable, Sendable {
    package enum Kind: Sendable, Hashable {
        /// The name does not exist, or has no address.
        case notFound
        /// The resolver could not tell; asking again later may help.
        case temporary
        /// The asker's deadline came first.
        case tooLate
    }

    package var kind: Kind
    /// The resolver's words, without the name.
    package var words: String

    package init(kind: Kind, words: String) {
        self.kind = kind
        self.words = words
    }
}

/// Something that finds the addresses of hosts.
package protocol HostResolver: Sendable {
    typealias Completion = (Result<[SocketAddress], ResolveError>) -> Void

    /// Looks up the addresses of a name or of a numeric address, of both families, in the order in which to try them.
    ///
    /// - Parameters:
    ///   - reactor: Where the caller runs. The completion is called there, once, and never within this call.
    ///   - completion: A success has at least one address.
    func resolve(_ host: String, port: Int, on reactor: Reactor, completion: @escaping Completion)
}

extension HostResolver {
    /// Looks up addresses and gives up at a deadline of the reactor's clock. An answer that comes later is ignored.
    package func resolve(
        _ host: String,
        port: Int,
        on reactor: Reactor,
        deadline: Int64,
        completion: @escaping Completion
    ) {
        let answer = FirstAnswer(completion)
        let timer = reactor.schedule(at: deadline) {
            answer.give(.failure(ResolveError(kind: .tooLate, words: "the name was not resolved in time")))
        }
        resolve(host, port: port, on: reactor) { result in
            reactor.cancel(timer)
            answer.give(result)
        }
    }
}

/// A completion that is called with the first answer only.
private final class FirstAnswer {
    private var completion: HostResolver.Completion?

    init(_ completion: @escaping HostResolver.Completion) { self.completion = completion }

    func give(_ result: Result<[SocketAddress], ResolveError>) { completion.take()?(result) }
}
