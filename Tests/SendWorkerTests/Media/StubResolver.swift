import Reactor
import Synchronization

@testable import SendWorker

/// Answers lookups from a table; the n-th lookup of a name gets its n-th answer, later ones the last.
final class StubResolver: HostResolver {
    private let table: [String: [[String]]]
    private let state = Mutex<[String]>([])
    private let neverAnswers: Set<String>
    private let ended = Atomic(false)

    /// The names that were looked up, in order.
    var lookups: [String] { state.withLock(\.self) }

    /// Whether a lookup that is not answered has come to its end.
    var hasGivenUp: Bool { ended.load(ordering: .relaxed) }

    init(_ table: [String: [[String]]], neverAnswers: Set<String> = []) {
        self.table = table
        self.neverAnswers = neverAnswers
    }

    func resolve(_ host: String, port: Int, on reactor: Reactor, completion: @escaping Completion) {
        let earlier = state.withLock { lookups in
            lookups.append(host)
            return lookups.count { $0 == host } - 1
        }
        if neverAnswers.contains(host) {
            // The lookup comes to its end long after everybody has stopped waiting.
            _ = reactor.schedule(at: reactor.now + 20_000_000_000) {
                self.ended.store(true, ordering: .relaxed)
                completion(.failure(ResolveError(kind: .temporary, words: "late")))
            }
            return
        }
        let answers = table[host] ?? []
        let answer = answers.dropFirst(min(earlier, max(answers.count - 1, 0))).first ?? []
        let found = answer.compactMap { SocketAddress(ipAddress: $0, port: port) }
        reactor.runSoon {
            completion(found.isEmpty ? .failure(ResolveError(kind: .notFound, words: "unknown")) : .success(found))
        }
    }
}
