/// At most so many calls in any stretch of time of that length.
package struct CallWindow: Sendable, Hashable {
    /// At least 1.
    package var calls: Int
    /// Longer than nothing.
    package var length: Duration

    package init(calls: Int, length: Duration) {
        self.calls = calls
        self.length = length
    }
}

extension EngineSettings {
    /// The rate limits of one account. A call that fails counts like one that succeeds.
    package struct LimitSettings: Sendable, Hashable {
        /// Text, links, reactions, stickers, templates, images, files, shares, sender actions and private replies. As many
        /// private replies to live comments may go besides.
        package var messagesPerSecond: Int
        /// Audio and video. Such calls count against this limit only: the platform documents the two side by side.
        package var mediaPerSecond: Int
        /// Private replies to comments on posts and reels; they count as messages per second too.
        package var privateRepliesPerHour: Int
        /// A limit on the calls of one conversation; nil for none (the platform has one but does not publish it).
        package var perConversation: CallWindow?

        package init(
            messagesPerSecond: Int = 100,
            mediaPerSecond: Int = 10,
            privateRepliesPerHour: Int = 750,
            perConversation: CallWindow? = nil
        ) {
            self.messagesPerSecond = messagesPerSecond
            self.mediaPerSecond = mediaPerSecond
            self.privateRepliesPerHour = privateRepliesPerHour
            self.perConversation = perConversation
        }
    }
}
