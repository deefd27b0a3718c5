internal import InstagramMessaging
internal import SendEngine

/// Whether results, state and offsets commit together.
package enum Guarantee: String, Sendable, CaseIterable {
    case exactlyOnce = "exactly_once"
    case atLeastOnce = "at_least_once"
}

/// The rate limits of a run, as Graph enforces them.
struct ModelLimits {
    var messagesPerSecond: Int
    var mediaPerSecond: Int
    var privateRepliesPerHour: Int
    /// Calls of one conversation in so many seconds; nil for no such limit.
    var perConversation: (calls: Int, seconds: Int)?
}

/// The character of one run: drawn from its seed, so that every run stresses something else.
struct RunPlan {
    let seed: UInt64
    var guarantee: Guarantee
    var replicas: Int
    var partitions: Int
    var accounts: Int
    var conversations: Int
    var requests: Int
    /// Requests are published over so long.
    var publishing: Int64
    /// Faults happen for so long; after that everything works.
    var faultsEnd: Int64
    var atMostOncePercent: Int
    var deadlinePercent: Int
    var limits: ModelLimits
    let unknownResends = 2
    /// The same where Graph answered with a code that says nothing.
    var answeredUnknownResends: Int { engine.retry.answeredUnknownResends }
    private(set) var engine: EngineSettings
    /// The number of requests that one loss of one replica may double.
    var maxInDoubt: Int { engine.maxInDoubt }
    var hasSafetyValve: Bool { engine.safety.isEnabled }
    /// The time that the group waits for a silent member, and a broker for a transaction that is not ended.
    var sessionTimeout: Int64
    var transactionTimeout: Int64
    var responseTimeout: Int64
    var drainTimeout: Int64
    /// Replicas keep their transactional id over restarts, as static members do.
    var isStatic: Bool
    /// The frequency of each fault in this run, in percent of its chances; absent ones do not happen.
    var rates: [Fault: Int] = [:]

    /// The furthest that two replicas' clocks are apart, apart from injected jumps.
    static let clockSkew = 50 * Span.millisecond
    /// The length of a first hold of an account.
    static let hold = 20 * Span.second
    static let commitInterval = 100 * Span.millisecond
    /// The interval at which a worker asks the brokers a question.
    static let questionInterval = 2 * Span.second
    static let heartbeatInterval = 2 * Span.second
    static let reconnectPause = Span.second
    /// The longest time from the end of an isolation to the next heartbeat: a pause of up to one and a half, then an interval.
    static let longestRevival = reconnectPause / 2 * 3 + heartbeatInterval
    /// The longest time that a call needs to reach Graph once it is started.
    static let longestTransit = 150 * Span.millisecond

    /// The settings of a replica, apart from its engine.
    var replica: Replica.Settings {
        Replica.Settings(
            commitInterval: .nanoseconds(Self.commitInterval),
            drainTimeout: .nanoseconds(drainTimeout),
            membership: MembershipDoubt.Settings(
                sessionTimeout: .nanoseconds(sessionTimeout),
                heartbeatInterval: .nanoseconds(Self.heartbeatInterval),
                reconnectPause: .nanoseconds(Self.reconnectPause),
                questionInterval: .nanoseconds(Self.questionInterval)
            )
        )
    }

    init(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        self.seed = seed
        guarantee = random.chance(75) ? .exactlyOnce : .atLeastOnce
        replicas = random.number(1...3)
        partitions = random.number(1...4)
        accounts = random.number(1...6)
        conversations = random.number(1...4)
        requests = random.number(15...90)
        publishing = random.span(Span.second...20 * Span.second)
        faultsEnd = random.span(10 * Span.second...60 * Span.second)
        atMostOncePercent = random.pick([0, 20, 35, 60]) ?? 35
        deadlinePercent = random.pick([0, 10, 30]) ?? 10
        sessionTimeout = 10 * Span.second
        transactionTimeout = random.pick([5, 15, 40].map { $0 * Span.second }) ?? 15 * Span.second
        responseTimeout = 4 * Span.second
        drainTimeout = random.span(Span.second...5 * Span.second)
        isStatic = random.chance(40)
        limits = ModelLimits(
            messagesPerSecond: random.number(1...6),
            mediaPerSecond: random.number(1...2),
            privateRepliesPerHour: random.number(2...12),
            perConversation: random.chance(15) ? (calls: 2, seconds: 3) : nil
        )
        engine = Self.engineSettings(limits, responseTimeout: responseTimeout, lease: sessionTimeout / 2, &random)
        for fault in Fault.allCases where random.chance(55) { rates[fault] = random.number(fault.rates) }
        engine.safety = Self.safetySettings(&random)
    }

    /// Such that a handful of accounts is enough, and pauses are short beside a run.
    private static func safetySettings(_ random: inout SeededRandom) -> EngineSettings.SafetySettings {
        EngineSettings.SafetySettings(
            isEnabled: random.chance(70),
            window: .seconds(random.number(2...30)),
            minimumCalls: random.number(1...12),
            probeDelay: .milliseconds(random.number(100...2_000)),
            maxProbeDelay: .seconds(random.number(2...8))
        )
    }

    private static func engineSettings(
        _ limits: ModelLimits,
        responseTimeout: Int64,
        lease: Int64,
        _ random: inout SeededRandom
    ) -> EngineSettings {
        EngineSettings(
            limits: .init(
                messagesPerSecond: limits.messagesPerSecond,
                mediaPerSecond: limits.mediaPerSecond,
                privateRepliesPerHour: limits.privateRepliesPerHour,
                perConversation: limits.perConversation.map {
                    CallWindow(calls: $0.calls, length: .seconds($0.seconds))
                }
            ),
            workerLimit: random.chance(10) ? CallWindow(calls: 5, length: .seconds(1)) : nil,
            retry: .init(
                maxElapsed: .seconds(random.number(20...120)),
                maxHold: .seconds(random.number(30...300)),
                unknownResends: 2,
                answeredUnknownResends: random.number(0...1)
            ),
            health: .init(
                paceRecovery: .seconds(3),
                usageCooldown: .seconds(5),
                hold: .nanoseconds(Self.hold),
                suspicionHold: .seconds(10),
                maxHold: .seconds(80)
            ),
            firstCalls: random.pick([nil, 1, 2, 4]) ?? nil,
            maxInFlight: random.number(1...12),
            maxInDoubt: random.number(1...(random.chance(50) ? 4 : 20)),
            maxOutstandingPerPartition: random.number(1...40),
            arrivalSlack: .nanoseconds(responseTimeout),
            ownershipLease: .nanoseconds(lease)
        )
    }
}
