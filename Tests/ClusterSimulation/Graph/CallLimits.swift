internal import InstagramMessaging

/// The limits as Graph enforces them: by the moments at which calls reach it. Shares no code with the worker's own.
struct CallLimits {
    private var messages: [Int64] = []
    private var media: [Int64] = []
    private var replies: [Int64] = []
    private var conversations: [String: [Int64]] = [:]

    /// Takes note of an arrival; names the limits that it is above.
    mutating func arrived(_ request: ModelRequest, at now: Int64, _ plan: RunPlan) -> [String] {
        let limits = plan.limits
        var broken: [String] = []
        if request.rateClass == .media {
            media.append(now)
            if Self.count(media, within: Span.second, of: now) > limits.mediaPerSecond { broken.append("media") }
        } else {
            messages.append(now)
            if Self.count(messages, within: Span.second, of: now) > limits.messagesPerSecond {
                broken.append("messages")
            }
        }
        if request.rateClass == .privateReplies {
            replies.append(now)
            if Self.count(replies, within: Span.hour, of: now) > limits.privateRepliesPerHour {
                broken.append("private replies")
            }
        }
        if let limit = limits.perConversation {
            conversations[request.conversation, default: []].append(now)
            let length = Int64(limit.seconds) * Span.second
            let count = Self.count(conversations[request.conversation] ?? [], within: length, of: now)
            if count > limit.calls { broken.append("conversation") }
        }
        return broken
    }

    private static func count(_ moments: [Int64], within length: Int64, of now: Int64) -> Int {
        moments.reversed().prefix { now - $0 < length }.count
    }
}
