import Synchronization

/// When the group was last asked to take offsets, told by whoever commits to the engine loop.
///
/// Its yes proves the membership from then on; what came before, above all the writing of results, may have taken long.
final class GroupQuestion: Sendable {
    private let last = Atomic(Int64.min)

    /// On the monotonic clock; the earliest moment there is before the first time.
    var askedAt: Int64 { last.load(ordering: .acquiring) }

    func note(at now: Int64) { last.store(now, ordering: .releasing) }
}
