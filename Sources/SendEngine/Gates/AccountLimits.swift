internal import InstagramMessaging

/// The windows that bind the calls of one account.
struct AccountLimits: Sendable {
    var messages: SlidingWindow
    var media: SlidingWindow
    var privateReplies: SlidingWindow
    /// As many a second as messages, beside them: the platform documents the two limits apart.
    var liveReplies: SlidingWindow

    /// The length of the windows that are named per second.
    static let second: Int64 = 1_000_000_000
    static let hour: Int64 = 3_600 * second

    init(_ settings: EngineSettings.LimitSettings, slack: Int64) {
        messages = SlidingWindow(calls: settings.messagesPerSecond, length: Self.second, slack: slack)
        media = SlidingWindow(calls: settings.mediaPerSecond, length: Self.second, slack: slack)
        privateReplies = SlidingWindow(calls: settings.privateRepliesPerHour, length: Self.hour, slack: slack)
        liveReplies = SlidingWindow(calls: settings.messagesPerSecond, length: Self.second, slack: slack)
    }

    /// Returns when a call of a class may start, and which window decides that. A lowered pace concerns the short
    /// windows only: it says how fast to call, not how often in an hour.
    func room(for rateClass: RateClass, at now: Int64, paceSteps: Int) -> GateAnswer {
        switch rateClass {
        case .messages:
            return messages.room(at: now, paceSteps: paceSteps).answer(of: .messagesPerSecond)
        case .media:
            return media.room(at: now, paceSteps: paceSteps).answer(of: .mediaPerSecond)
        case .privateReplies:
            let short = messages.room(at: now, paceSteps: paceSteps).answer(of: .messagesPerSecond)
            let long = privateReplies.room(at: now).answer(of: .privateRepliesPerHour)
            return long.isLater(than: short) ? long : short
        case .liveReplies:
            return liveReplies.room(at: now, paceSteps: paceSteps).answer(of: .messagesPerSecond)
        }
    }

    /// Changes how many calls each window has room for; what it counts stays.
    mutating func change(to settings: EngineSettings.LimitSettings) {
        messages.change(limit: settings.messagesPerSecond)
        media.change(limit: settings.mediaPerSecond)
        privateReplies.change(limit: settings.privateRepliesPerHour)
        liveReplies.change(limit: settings.messagesPerSecond)
    }

    /// Does something to each window that a class counts in.
    mutating func change(_ rateClass: RateClass, _ body: (inout SlidingWindow) -> Void) {
        switch rateClass {
        case .messages:
            body(&messages)
        case .media:
            body(&media)
        case .privateReplies:
            body(&messages)
            body(&privateReplies)
        case .liveReplies:
            body(&liveReplies)
        }
    }

    /// The moment at which the last slot of any window is free again.
    var emptyAt: Int64? {
        [messages.emptyAt, media.emptyAt, privateReplies.emptyAt, liveReplies.emptyAt].compactMap(\.self).max()
    }
}

extension SlidingWindow.Room {
    func answer(of limit: LimitName) -> GateAnswer {
        switch self {
        case .now: .now
        case .at(let moment): .at(moment, .limit(limit))
        case .later: .later(.limit(limit))
        }
    }
}

/// Names the window that keeps a request waiting, in the words of the configuration.
package enum LimitName: String, Sendable, Hashable, CaseIterable {
    case messagesPerSecond = "limits.messagesPerSecond"
    case mediaPerSecond = "limits.mediaPerSecond"
    case privateRepliesPerHour = "limits.privateRepliesPerHour"
    case conversation = "limits.perConversation"
    case worker = "limits.worker"
}

extension EngineSettings {
    /// Returns what binds an account: its own limits, or else those of all.
    func limits(of accountID: String) -> LimitSettings { accountLimits[accountID] ?? limits }
}
