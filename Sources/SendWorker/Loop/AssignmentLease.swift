import Synchronization

/// Whether one assignment of a partition stands, for those who ask from another thread right before a call's first byte.
final class AssignmentLease: Sendable {
    private let holds = Atomic(true)

    var isHeld: Bool { holds.load(ordering: .relaxed) }

    /// The partition is gone: nothing begins for it any more, though it was asked for before.
    func end() { holds.store(false, ordering: .relaxed) }
}
