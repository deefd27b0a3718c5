/// Decides when faults happen, from the run's seed, and counts them.
final class FaultSource {
    private let plan: RunPlan
    private let timeline: Timeline
    private var random: SeededRandom
    private(set) var counts: [Fault: Int] = [:]

    init(_ plan: RunPlan, timeline: Timeline, random: SeededRandom) {
        self.plan = plan
        self.timeline = timeline
        self.random = random
    }

    var isOver: Bool { timeline.now >= plan.faultsEnd }

    /// Whether a fault happens at this chance for it.
    func happens(_ fault: Fault) -> Bool {
        guard !isOver, let rate = plan.rates[fault], random.chance(rate) else { return false }
        counts[fault, default: 0] += 1
        return true
    }
}
