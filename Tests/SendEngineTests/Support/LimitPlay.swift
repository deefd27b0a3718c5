import InstagramMessaging
import SendEngine

/// An engine under random traffic whose limits change at random, with a log of its calls as Graph would see them.
struct LimitPlay {
    enum Window: CaseIterable {
        case messages
        case media
        case privateReplies
        case liveReplies
    }

    struct Call {
        var account: String
        var rateClass: RateClass
        var limits: EngineSettings.LimitSettings
        var start: Int64
        /// Some moment between start and answer, and within the slack.
        var arrival: Int64
        var answer: Int64

        func counts(in window: Window) -> Bool {
            switch window {
            case .messages: rateClass == .messages || rateClass == .privateReplies
            case .media: rateClass == .media
            case .privateReplies: rateClass == .privateReplies
            case .liveReplies: rateClass == .liveReplies
            }
        }

        func limit(of window: Window) -> Int {
            switch window {
            case .messages, .liveReplies: limits.messagesPerSecond
            case .media: limits.mediaPerSecond
            case .privateReplies: limits.privateRepliesPerHour
            }
        }
    }

    static let accounts = ["1", "2", "3"]
    static let windows: [(Window, Int64)] = [
        (.messages, 1_000), (.media, 1_000), (.privateReplies, 3_600_000), (.liveReplies, 1_000),
    ]
    private static let slack: Int64 = 150

    private(set) var calls: [Call] = []
    private let rig: Rig
    private var random: SplitMix64
    private var general = EngineSettings.LimitSettings(
        messagesPerSecond: 5,
        mediaPerSecond: 2,
        privateRepliesPerHour: 9
    )
    private var own: [String: EngineSettings.LimitSettings] = [:]
    private var asked: [Int64: (account: String, rateClass: RateClass)] = [:]
    private var running: [(id: RecordID, answer: Int64)] = []

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        let limits = general
        rig = Rig(
            .quiet {
                $0.limits = limits
                $0.arrivalSlack = .milliseconds(Self.slack)
            },
            seed: seed
        )
    }

    mutating func run(steps: Int) {
        for _ in 0..<steps {
            step()
            note(rig.actions())
            answer()
        }
    }

    private mutating func step() {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<9: publish()
        case 9..<11: rig.commit()
        case 11: changeLimits()
        case 12 where Int.random(in: 0..<4, using: &random) == 0:
            rig.advance(by: Int64.random(in: 60_000...1_200_000, using: &random))
        default: rig.advance(by: Int64.random(in: 0...400, using: &random))
        }
    }

    private mutating func publish() {
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let account = Self.accounts.randomElement(using: &random) ?? "1"
            let rateClass =
                [RateClass.messages, .messages, .media, .privateReplies, .liveReplies].randomElement(using: &random)
                ?? .messages
            let delivery: DeliveryPreference = Bool.random(using: &random) ? .atLeastOnce : .atMostOnce
            let conversation = "u:\(Int.random(in: 0..<30, using: &random))"
            let id = rig.accept(rig.request(account: account, to: conversation, rateClass, delivery))
            asked[id.offset] = (account, rateClass)
        }
    }

    private mutating func changeLimits() {
        general = randomLimits()
        own = [:]
        for account in Self.accounts where Bool.random(using: &random) { own[account] = randomLimits() }
        rig.engine.changeLimits(general, accountLimits: own, now: rig.now)
    }

    private mutating func randomLimits() -> EngineSettings.LimitSettings {
        EngineSettings.LimitSettings(
            messagesPerSecond: Int.random(in: 1...8, using: &random),
            mediaPerSecond: Int.random(in: 1...4, using: &random),
            privateRepliesPerHour: Int.random(in: 1...20, using: &random)
        )
    }

    private mutating func note(_ actions: [EngineAction]) {
        for case .call(let id, _) in actions {
            guard let (account, rateClass) = asked[id.offset] else { continue }
            let start = rig.milliseconds
            let answer = start + Int64.random(in: 0...300, using: &random)
            calls.append(
                Call(
                    account: account,
                    rateClass: rateClass,
                    limits: own[account] ?? general,
                    start: start,
                    arrival: Int64.random(in: start...min(answer, start + Self.slack), using: &random),
                    answer: answer
                )
            )
            running.append((id, answer))
        }
    }

    /// Lets the calls end that are due; some of them ask for another try.
    private mutating func answer() {
        let due = running.filter { $0.answer <= rig.milliseconds }
        running.removeAll { $0.answer <= rig.milliseconds }
        for (id, _) in due {
            let isRetried = Int.random(in: 0..<10, using: &random) == 0
            rig.end(id, isRetried ? .notSent : .delivered)
        }
    }
}
