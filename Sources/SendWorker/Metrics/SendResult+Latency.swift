import InstagramMessaging

extension SendResult {
    /// A request that waited for longer than its topic can have kept it has a timestamp that means something else.
    private static let longestLatency: Int64 = 30 * 86_400_000
    /// How far a producer's clock may be ahead.
    private static let clockSkew: Int64 = 60_000

    /// The time from the record's Kafka timestamp to the end, in milliseconds; nil where the timestamp cannot be when it was
    /// written: none at all, one in seconds in place of milliseconds, or one that lies ahead.
    var latencyMilliseconds: Int64? {
        let taken = completedAt.millisecondsSinceEpoch - receivedAt.millisecondsSinceEpoch
        guard receivedAt.millisecondsSinceEpoch > 0, (-Self.clockSkew...Self.longestLatency).contains(taken) else {
            return nil
        }
        return max(taken, 0)
    }
}
