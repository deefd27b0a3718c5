/// The outcome of one run.
package struct RunReport: Sendable {
    package var seed: UInt64
    /// Empty where every promise held.
    package var violations: [String]
    /// The events, line by line; empty unless asked for.
    package var trace: [String]
    package var faults: [Fault: Int]
    package var requests: Int
    package var calls: Int
    package var guarantee: Guarantee
    /// Delivered more than once because a replica died between a call and its commit.
    package var duplicatesByLoss: Int
    /// The most of them that go back to one loss of one replica.
    package var mostDuplicatesByOneLoss: Int
    /// Delivered more than once, and the result says that it may be.
    package var announcedDuplicates: Int
    /// The virtual time that passed, in nanoseconds.
    package var length: Int64

    /// Runs a cluster through the faults that belong to a seed, then checks what is promised.
    package init(seed: UInt64, keepsTrace: Bool = false) {
        let cluster = Cluster(seed: seed, keepsTrace: keepsTrace)
        cluster.run()
        let checker = Checker(cluster)
        self.seed = seed
        violations = cluster.violations + checker.violations
        trace = cluster.lines
        faults = cluster.faults.counts
        requests = cluster.requests.count
        calls = cluster.graph.calls.count
        guarantee = cluster.plan.guarantee
        duplicatesByLoss = checker.duplicatesByLoss
        mostDuplicatesByOneLoss = checker.mostDuplicatesByOneLoss
        announcedDuplicates = checker.announcedDuplicates
        length = cluster.timeline.now
    }
}
