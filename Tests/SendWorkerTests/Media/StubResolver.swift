import NIOCore
import Synchronization

@testable import SendWorker

/// Answers lookups from a table; the n-th lookup of a name gets its n-th answer, later ones the last.
final class StubResolver: HostResolver {
    struct UnknownName: Error {}

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

    func addresses(of host: String, port: Int, on eventLoop: any EventLoop) -> EventLoopFuture<[SocketAddress]> {
        let earlier = state.withLock { lookups in
            lookups.append(host)
            return lookups.count { $0 == host } - 1
        }
        let promise = eventLoop.makePromise(of: [SocketAddress].self)
        if neverAnswers.contains(host) {
            // The lookup comes to its end long after everybody has stopped waiting.
            eventLoop.scheduleTask(in: .seconds(20)) {
                self.ended.store(true, ordering: .relaxed)
                promise.fail(UnknownName())
            }
            return promise.futureResult
        }
        if let answers = table[host], let answer = answers.dropFirst(min(earlier, answers.count - 1)).first {
            promise.completeWith(Result { try answer.map { try SocketAddress(ipAddress: $0, port: port) } })
        } else {
            promise.fail(UnknownName())
        }
        return promise.futureResult
    }
}
