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
    func room(for rateClass: RateClass, at now: Int64, paceSteps: Int) -> (room: SlidingWindow.Room, name: LimitName) {
        switch rateClass {
        case .messages:
            return (messages.room(at: now, paceSteps: paceSteps), .messagesPerSecond)
        case .media:
            return (media.room(at: now, paceSteps: paceSteps), .mediaPerSecond)
        case .privateReplies:
            let short = messages.room(at: now, paceSteps: paceSteps)
            let long = privateReplies.room(at: now)
            return long.isLater(than: short) ? (long, .privateRepliesPerHour) : (short, .messagesPerSecond)
        case .liveReplies:
            return (liveReplies.room(at: now, paceSteps: paceSteps), .messagesPerSecond)
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
    func isLater(than other: SlidingWindow.Room) -> Bool {
        switch (self, other) {
        case (.now, _), (.later, .later), (.at, .later): false
        case (.at, .now), (.later, _): true
        case (.at(let own), .at(let others)): own > others
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

/// Other limits while the engine runs.
extension SendEngine {
    /// Changes the rate limits of all accounts from now on, exactly: calls that were made before count against the new
    /// limits for as long as they counted against the old ones.
    ///
    /// After a limit is lowered no call starts that would be more than the new limit allows in any window that it falls
    /// into; that also holds for calls that only wait for their mark. After one is raised, accounts that wait for it go
    /// on with the next actions. The limits of conversations of accounts that are known already stay as they are.
    ///
    /// - Parameters:
    ///   - limits: Those of every account that has none of its own.
    ///   - accountLimits: Those of single accounts; each replaces `limits` as a whole. An account that is not named any
    ///     more has the general ones from now on.
    package mutating func changeLimits(
        _ limits: EngineSettings.LimitSettings,
        accountLimits: [String: EngineSettings.LimitSettings],
        now: EngineTime
    ) {
        observe(now)
        setLimits(limits, accountLimits: accountLimits)
        // In an order that does not depend on how a dictionary is laid out.
        for slot in accountSlots.values.sorted() {
            accounts[slot].limits.change(to: settings.limits(of: accounts[slot].id))
            reconsider(slot)
        }
    }
}

extension EngineSettings {
    /// Returns what binds an account: its own limits, or else those of all.
    func limits(of accountID: String) -> LimitSettings { accountLimits[accountID] ?? limits }
}
