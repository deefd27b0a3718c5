import Reactor
import Synchronization

/// What the server saw of each request, and what it answered.
final class Sightings: Sendable {
    struct Sighting: Sendable {
        /// How often its first byte came: a client never repeats a request.
        var times = 0
        /// When its first byte came, and when its answer was written, by the same clock.
        var seenAt: Int64 = 0
        var answeredAt: Int64 = 0
        /// Whether the request's own fault was played.
        var isTreated = false
        /// How many requests its connection had carried before it.
        var place = 0
        /// When that connection was accepted, by the monotonic clock.
        var openedAt: Int64 = 0
        var answer: SentAnswer?
    }

    struct SentAnswer: Sendable, Equatable {
        /// What only this answer holds.
        var mark: String
        var status: Int
        /// The bytes of the body, once a coding is undone.
        var length: Int
        /// Whether all of it was given to the system.
        var isComplete = false
    }

    private struct State {
        var sightings: [Sighting]
        var strays = 0
        var orphans = 0
        var connections = 0
        var live = 0
        var problems: [String] = []
        var seenFaults: [String: Int] = [:]
    }

    private let state: Mutex<State>

    init(count: Int) {
        state = Mutex(State(sightings: Array(repeating: Sighting(), count: count)))
    }

    func saw(_ id: Int, place: Int, openedAt: Int64) {
        change(id) {
            $0.times += 1
            $0.place = place
            $0.openedAt = openedAt
            $0.seenAt = Reactor.monotonicNow()
        }
    }

    func treats(_ id: Int) { change(id) { $0.isTreated = true } }

    func answers(_ id: Int, _ answer: SentAnswer) { change(id) { $0.answer = answer } }

    func completedAnswer(_ id: Int) {
        change(id) {
            $0.answer?.isComplete = true
            $0.answeredAt = Reactor.monotonicNow()
        }
    }

    /// Bytes of a request came of which nobody can say whose it is.
    func sawOrphan() { state.withLock { $0.orphans += 1 } }

    /// The number of an answer that nobody asked for.
    func stray() -> Int {
        state.withLock { state in
            state.strays += 1
            return state.strays
        }
    }

    func opened() -> Int {
        state.withLock { state in
            state.live += 1
            state.connections += 1
            return state.connections - 1
        }
    }

    func closed() { state.withLock { $0.live -= 1 } }

    /// Something that no client may do.
    func note(_ problem: String) { state.withLock { $0.problems.append(problem) } }

    /// A fault of a connection, for the report.
    func count(_ fault: String) { state.withLock { $0.seenFaults[fault, default: 0] += 1 } }

    private func change(_ id: Int, _ change: (inout Sighting) -> Void) {
        state.withLock { state in
            guard state.sightings.indices.contains(id) else {
                state.problems.append("a request for \(TrialRequest.path(id)), which nobody made")
                return
            }
            change(&state.sightings[id])
        }
    }
}

extension Sightings {
    subscript(id: Int) -> Sighting { state.withLock { $0.sightings[id] } }
    var strays: Int { state.withLock(\.strays) }
    var orphans: Int { state.withLock(\.orphans) }
    var connections: Int { state.withLock(\.connections) }
    /// Connections that are not closed yet.
    var live: Int { state.withLock(\.live) }
    var problems: [String] { state.withLock(\.problems) }
    var faults: [String: Int] { state.withLock(\.seenFaults) }
}
