internal import InstagramMessaging

/// The memories that outlive this owner of an account's partition.
extension Gates {
    /// Returns what the state topic is to hold of an account; nil for nothing.
    func memory(of account: Int32, at now: EngineTime) -> AccountMemory? {
        let health = self[account].health
        var memory = AccountMemory()
        memory.privateReplies = self[account].limits.usage(at: now)
        memory.reservedReplies = self[account].limits.privateReplies.reserved
        let cooling = max(health.coolUntil, health.pace.waitUntil)
        if cooling > now.monotonic { memory.coolUntil = now.wall(at: cooling) }
        memory.words = words(of: account, at: now)
        if health.holds > 0 {
            memory.holds = health.holds
            memory.holdUntil = now.wall(at: health.holdUntil)
            memory.isPermissionHold = health.hold == .permission
        }
        memory.paceSteps = health.paceSteps(at: now.monotonic, settings.health)
        if memory.paceSteps > 0 { memory.recoversFrom = now.wall(at: max(health.recoversFrom, now.monotonic)) }
        return memory.isEmpty ? nil : memory
    }

    private func words(of account: Int32, at now: EngineTime) -> MemoryWords {
        let health = self[account].health
        var words = MemoryWords()
        words.holdCause = health.holdCause
        if health.coolUntil > now.monotonic { words.coolCause = health.coolCause }
        for (feature, hold) in health.features where hold.count > 0 {
            words.features[feature] = MemoryWords.FeatureHold(
                until: now.wall(at: hold.until),
                count: hold.count,
                cause: hold.cause
            )
        }
        if self[account].namedApplicationWait > now.monotonic {
            words.applicationUntil = now.wall(at: self[account].namedApplicationWait)
            words.applicationCause = graph.coolCause
        }
        return words
    }
}

extension AccountGates {
    /// Takes over what an earlier owner wrote of the account.
    ///
    /// - Parameter keepsOwn: Whether the calls counted so far are not among those that it tells of.
    mutating func restore(
        _ memory: AccountMemory,
        keepsOwn: Bool,
        _ settings: EngineSettings.HealthSettings,
        now: EngineTime
    ) {
        limits.restore(memory, keepsOwn: keepsOwn, now: now)
        health.restore(PastHealth(memory, settings, now: now), now: now.monotonic)
    }
}

extension AccountLimits {
    /// Times are rounded up to so many milliseconds, so that calls close together are written as one.
    private static let grain: Int64 = 10_000
    /// The highest limit that can be configured; foreign bytes take no more room.
    private static let mostReplies = 1_000_000

    /// Returns the private replies that still count against their hourly limit, with the moments until which they do.
    fileprivate func usage(at now: EngineTime) -> [AccountMemory.Usage] {
        var usage: [AccountMemory.Usage] = []
        for release in privateReplies.releases(after: now.monotonic) {
            let until = Self.roundedUp(now.wall(at: release).saturatingAdd(1))
            if let last = usage.last, last.until == until {
                usage[usage.count - 1].calls += 1
            } else {
                usage.append(AccountMemory.Usage(until: until, calls: 1))
            }
        }
        return usage
    }

    private static func roundedUp(_ time: Int64) -> Int64 {
        let rest = time % grain
        return rest <= 0 ? time.saturatingSubtract(rest) : time.saturatingAdd(grain - rest)
    }

    fileprivate mutating func restore(_ memory: AccountMemory, keepsOwn: Bool, now: EngineTime) {
        let longest = Duration.nanoseconds(privateReplies.length.saturatingAdd(privateReplies.slack))
        var releases: [Int64] = []
        // All of them, not only as many as the limit has room for: it may be raised while they still count.
        for usage in memory.privateReplies.reversed() where releases.count < Self.mostReplies {
            let release = now.monotonic(at: usage.until, atMost: longest)
            let count = min(usage.calls, Self.mostReplies - releases.count)
            if release > now.monotonic { releases += Array(repeating: release, count: count) }
        }
        // Nobody knows when they were called, if at all; not later than now.
        let end = now.monotonic.saturatingAdd(longest.nanoseconds)
        releases += Array(repeating: end, count: min(memory.reservedReplies, Self.mostReplies))
        privateReplies.restore(releases: releases.sorted(), keepsOwn: keepsOwn)
    }
}

extension PastHealth {
    init(_ memory: AccountMemory, _ settings: EngineSettings.HealthSettings, now: EngineTime) {
        coolUntil = now.monotonic(at: memory.coolUntil, atMost: settings.longestNamedWait)
        coolCause = memory.words.coolCause
        hold = memory.isPermissionHold ? .permission : .policy
        holdUntil = now.monotonic(at: memory.holdUntil, atMost: settings.maxHold)
        holds = memory.holds
        holdCause = memory.words.holdCause
        paceSteps = memory.paceSteps
        recoversFrom = now.monotonic(at: memory.recoversFrom, atMost: settings.longestNamedWait)
        for (feature, hold) in memory.words.features {
            features[feature] = Feature(
                until: now.monotonic(at: hold.until, atMost: settings.maxHold),
                count: hold.count,
                cause: hold.cause
            )
        }
    }
}
