import Reactor
import Synchronization

/// A resolver that answers as a test says.
final class TestResolver: HostResolver {
    typealias Answer = Result<[SocketAddress], ResolveError>

    private struct State {
        var answers: [Answer]
        var asked: [String] = []
    }

    private let state: Mutex<State>
    /// Called on the reactor's thread before each answer.
    private let before: @Sendable (Reactor) -> Void

    /// - Parameter answers: One after the other; the last one serves on. None at all: never an answer.
    init(_ answers: [Answer], before: @escaping @Sendable (Reactor) -> Void = { _ in }) {
        state = Mutex(State(answers: answers))
        self.before = before
    }

    convenience init(_ hosts: [String], port: Int, before: @escaping @Sendable (Reactor) -> Void = { _ in }) {
        self.init([.success(hosts.compactMap { SocketAddress(ipAddress: $0, port: port) })], before: before)
    }

    /// The names that were asked for.
    var asked: [String] { state.withLock(\.asked) }

    func resolve(_ host: String, port: Int, on reactor: Reactor, completion: @escaping Completion) {
        let answer: Answer? = state.withLock { state in
            state.asked.append(host)
            return state.answers.count > 1 ? state.answers.removeFirst() : state.answers.first
        }
        guard let answer else { return }
        reactor.runSoon { [before] in
            before(reactor)
            completion(answer)
        }
    }
}
