/// Cuts work into batches and says when each is due, so that no second sees more than a number of records.
package struct Pace: Sendable, Hashable {
    /// Records in a batch, at least 1.
    package let batch: Int
    private let rate: Int?
    /// The moment at which the next batch is due, from the beginning.
    private var due: Duration = .zero

    /// - Parameters:
    ///   - rate: Records in a second, at least 1; nil for as fast as it goes.
    ///   - unlimitedBatch: The size of a batch where there is no rate.
    package init(rate: Int?, unlimitedBatch: Int = 1_000) {
        self.rate = rate
        // Five batches a second are smooth enough to watch, and few enough not to cost the rate.
        batch = rate.map { min(max($0 / 5, 1), 1_000) } ?? unlimitedBatch
    }

    /// Returns how long to wait before a batch of so many records, and notes it.
    ///
    /// Time that was lost is not made up for: that would be a burst.
    ///
    /// - Parameter elapsed: The time since the beginning.
    package mutating func wait(before count: Int, elapsed: Duration) -> Duration {
        guard let rate else { return .zero }
        let start = max(due, elapsed)
        due = start + .microseconds(Int64(count) * 1_000_000 / Int64(rate))
        return start - elapsed
    }
}
