/// How much one commit holds at most: half of what one held that failed, until one goes through, and then more again bit
/// by bit.
///
/// What was too much, too large or too slow for the brokers is not tried again unchanged; and where only one ending among
/// many cannot be written, it is alone in the end and holds up no other.
struct CommitSizing: Sendable {
    /// Up to here a limit grows to twice its size with each commit that it limited; above, by a quarter.
    private static let quickGrowth = 64
    /// More than any commit holds.
    private static let unlimited = 1 << 16

    /// The most endings, the most accounts and the most partitions in the next commit.
    private(set) var limit = Int.max
    /// Half of what failed when commits began to fail.
    private var threshold = Self.quickGrowth
    private var isFailing = false

    /// - Parameter size: The most of any kind that it held.
    mutating func failed(_ size: Int) {
        // Less than one cannot be tried; others that came since may be tried with it.
        guard size > 1 else { return }
        if !isFailing { threshold = max(size / 2, Self.quickGrowth) }
        isFailing = true
        limit = max(min(limit, size) / 2, 1)
    }

    /// - Parameter isLimited: Whether there was more to commit.
    mutating func succeeded(isLimited: Bool) {
        isFailing = false
        guard isLimited, limit != .max else { return }
        limit = limit < threshold ? min(limit * 2, threshold) : limit + max(limit / 4, 1)
        if limit > Self.unlimited { limit = .max }
    }
}
