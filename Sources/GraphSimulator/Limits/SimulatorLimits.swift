/// How many calls the simulator lets an account make, counted in sliding windows by arrival. Every call counts that
/// was read to its end, also one that is refused or throttled. The defaults are the documented limits.
package struct SimulatorLimits: Sendable, Hashable {
    /// Calls in any second other than audio, video and private replies, and again as many private replies to live comments;
    /// nil for no limit.
    package var messagesPerSecond: Int?
    /// Calls with audio or video in any second; nil for no limit.
    package var mediaPerSecond: Int?
    /// Private replies to other comments in any hour; nil for no limit.
    package var privateRepliesPerHour: Int?

    /// Creates limits; each is at least 1 where it is given.
    package init(
        messagesPerSecond: Int? = 100,
        mediaPerSecond: Int? = 10,
        privateRepliesPerHour: Int? = 750
    ) {
        self.messagesPerSecond = messagesPerSecond
        self.mediaPerSecond = mediaPerSecond
        self.privateRepliesPerHour = privateRepliesPerHour
    }

    /// No limits at all, for measurements.
    package static let unlimited = SimulatorLimits(
        messagesPerSecond: nil,
        mediaPerSecond: nil,
        privateRepliesPerHour: nil
    )
}
