internal import InstagramMessaging

/// Compares what the topics say with what Graph knows. It sees neither the engines nor their ledgers.
struct Checker {
    /// The facts known of one request from the outside.
    struct Story {
        var request: ModelRequest
        /// In the order of their starts.
        var calls: [GraphCall] = []
        var results: [KafkaModel.ResultRecord] = []
        var resultVisibleAt: Int64 = .max
        var deadLetters = 0

        var deliveries: Int { calls.filter(\.isDelivered).count }
    }

    private(set) var violations: [String] = []
    /// Messages that were delivered more than once because a replica died, or lost its partition, between a call and its
    /// commit.
    private(set) var duplicatesByLoss = 0
    /// The most of them that go back to one loss of one replica.
    private(set) var mostDuplicatesByOneLoss = 0
    /// Messages that were delivered more than once and whose result says that they may be.
    private(set) var announcedDuplicates = 0
    private let plan: RunPlan
    private let losses: [String: [Int64]]
    private let overwritten: Set<Int32>
    /// The furthest that clocks may have been off when deadlines were judged.
    private let clockDoubt: Int64
    private var stories: [ModelRequest.Key: Story] = [:]

    init(_ cluster: Cluster) {
        plan = cluster.plan
        losses = cluster.losses
        overwritten = cluster.overwritten
        clockDoubt = RunPlan.clockSkew + cluster.jumps
        for request in cluster.requests { stories[request.key] = Story(request: request) }
        for call in cluster.graph.calls { stories[call.request.key]?.calls.append(call) }
        for stored in cluster.kafka.results where cluster.kafka.isVisible(stored) {
            let visibleAt = cluster.kafka.visibleAt(stored)
            stories[stored.record.key]?.results.append(stored.record)
            let first = stories[stored.record.key]?.resultVisibleAt ?? .max
            stories[stored.record.key]?.resultVisibleAt = min(first, visibleAt)
        }
        for stored in cluster.kafka.deadLetters where cluster.kafka.isVisible(stored) {
            stories[stored.record.key]?.deadLetters += 1
        }
        check()
        checkOrder()
        checkLosses()
        checkScopes(cluster)
        // A replica reads hourly usage by its own clock: one that jumps reads it wrongly. And without transactions one
        // that was stopped may write old usage over its successor's.
        let isUsageSound = cluster.jumps == 0 && (plan.guarantee == .exactlyOnce || losses.isEmpty)
        violations += cluster.graph.breaches.filter { isUsageSound || !$0.contains("private replies") }
    }

    /// Checks whom replicas let wait, and whom they call: holds are freed early by the safety valve, and a clock that
    /// jumps reads their times wrongly.
    private mutating func checkScopes(_ cluster: Cluster) {
        let areTimesSound = cluster.jumps == 0 && plan.guarantee == .exactlyOnce && !plan.hasSafetyValve
        violations += cluster.graph.scopes.violations.filter { areTimesSound || !$0.contains("was told to hold") }
    }

    private mutating func violated(_ key: ModelRequest.Key, _ text: String) { violations.append("\(key) \(text)") }

    private mutating func check() {
        for key in stories.keys.sorted() {
            guard let story = stories[key] else { continue }
            checkCount(key, story)
            checkTruth(key, story)
            checkRepetition(key, story)
            checkAtMostOnce(key, story)
            checkMoments(key, story)
        }
    }

    // MARK: One result

    private mutating func checkCount(_ key: ModelRequest.Key, _ story: Story) {
        let endings = story.results.filter { $0.status != .sent }.count
        if story.results.isEmpty { violated(key, "has no result") }
        switch plan.guarantee {
        case .exactlyOnce:
            if story.results.count > 1 {
                violated(key, "has \(story.results.count) results, by \(story.results.map(\.writer))")
            }
            if story.deadLetters != endings {
                violated(key, "has \(story.deadLetters) dead letters for \(endings) endings")
            }
        case .atLeastOnce:
            let writers = Set(story.results.map(\.writer))
            let isInnocent = writers.allSatisfy { losses[$0] == nil } && !overwritten.contains(key.partition)
            if story.results.count > 1, isInnocent {
                violated(key, "has \(story.results.count) results by \(writers.sorted()), and nobody was lost")
            }
            if story.deadLetters < min(endings, 1) { violated(key, "has no dead letter") }
        }
    }

    // MARK: True results

    /// A call whose outcome its replica could not make durable before it died, or lost the partition.
    private func isForgotten(_ call: GraphCall, before moment: Int64) -> Bool {
        guard plan.guarantee == .exactlyOnce else {
            // Without transactions a result may be visible while its state and offset are not, and a replica that was
            // lost, whenever that was, may still write over what others wrote since.
            return !losses.isEmpty
        }
        return (losses[call.caller] ?? []).contains { $0 >= call.startedAt && $0 <= moment }
    }

    private mutating func checkTruth(_ key: ModelRequest.Key, _ story: Story) {
        let end = story.resultVisibleAt
        let remembered = story.calls.filter { !isForgotten($0, before: end) }
        for result in story.results {
            // Without transactions nothing keeps a replica that has lost a partition from telling an old story.
            if plan.guarantee == .atLeastOnce, losses[result.writer] != nil { continue }
            if (result.status == .sent) == result.hasError {
                violated(key, "has an error that does not fit its status")
            }
            switch result.status {
            case .sent:
                if story.deliveries == 0 { violated(key, "is said to be sent and was not delivered") }
            case .failed, .expired, .rejected:
                if remembered.contains(where: \.isDelivered), !story.request.isIdempotent {
                    violated(key, "is said to be \(result.status.rawValue) and was delivered")
                }
            case .unknown:
                if story.calls.isEmpty, !mayBeMarked(story) {
                    violated(key, "is said to be unknown and was never called")
                }
            }
            if story.request.isInvalid, result.status == .sent || !story.calls.isEmpty {
                violated(key, "is invalid and was called")
            }
        }
    }

    /// A mark that a call is about to start is durable before the call; a replica may die in between.
    private func mayBeMarked(_ story: Story) -> Bool { !losses.isEmpty && story.request.delivery == .atMostOnce }

    // MARK: Duplicates

    private mutating func checkRepetition(_ key: ModelRequest.Key, _ story: Story) {
        let delivered = story.calls.filter(\.isDelivered)
        guard delivered.count > 1, !story.request.isIdempotent else { return }
        let isAnnounced = story.results.contains(where: \.possibleDuplicate)
        if isAnnounced {
            announcedDuplicates += 1
        } else if delivered.dropLast().contains(where: { isForgotten($0, before: story.resultVisibleAt) }) {
            duplicatesByLoss += 1
        } else {
            violated(key, "was delivered \(delivered.count) times and nothing says so")
        }
        let told = delivered.dropLast().filter {
            $0.toldClass == .delivered && !isForgotten($0, before: story.resultVisibleAt)
        }
        if !told.isEmpty { violated(key, "was called again after it was known to be delivered") }
    }

    /// No loss of a replica doubles more messages than it may have in doubt, whether their results own up to it or not.
    private mutating func checkLosses() {
        struct Loss: Hashable {
            var replica: String
            var at: Int64
        }
        var doubled: [Loss: Set<ModelRequest.Key>] = [:]
        for (key, story) in stories where !story.request.isIdempotent {
            let delivered = story.calls.filter(\.isDelivered)
            let isAnnounced = story.results.contains(where: \.possibleDuplicate)
            for (index, call) in delivered.dropLast().enumerated() {
                guard let at = losses[call.caller]?.first(where: { $0 >= call.startedAt }), at <= story.resultVisibleAt
                else { continue }
                // What nobody knew the end of would have been sent again without the loss too, and says so; unless it was
                // the one who sent it again that was lost.
                if call.toldClass == .unknown, let told = call.toldAt, told <= at {
                    let later = delivered[(index + 1)...]
                    if isAnnounced || later.contains(where: { isForgotten($0, before: story.resultVisibleAt) }) {
                        continue
                    }
                }
                doubled[Loss(replica: call.caller, at: at), default: []].insert(key)
            }
        }
        mostDuplicatesByOneLoss = doubled.values.map(\.count).max() ?? 0
        // Without transactions a replica that was lost may write an old ledger over its successor's.
        guard plan.guarantee == .exactlyOnce || overwritten.isEmpty else { return }
        for (loss, keys) in doubled where keys.count > plan.maxInDoubt {
            violations.append(
                "\(keys.count) messages were doubled by the loss of \(loss.replica) at \(loss.at / Span.millisecond) ms, "
                    + "\(plan.maxInDoubt) may be in doubt: \(keys.sorted().prefix(30))"
            )
        }
    }

    private mutating func checkAtMostOnce(_ key: ModelRequest.Key, _ story: Story) {
        guard story.request.delivery == .atMostOnce, !story.request.isIdempotent else { return }
        // Without transactions a stopped replica may hide its successor's state.
        guard plan.guarantee == .exactlyOnce || losses.isEmpty else { return }
        for (call, next) in zip(story.calls, story.calls.dropFirst()) {
            let wasKnown = call.isKnownAsNotDelivered && (call.toldAt ?? .max) <= next.startedAt
            if !wasKnown {
                violated(key, "may be sent at most once and was called again after a call without a known end")
            }
        }
    }

    // MARK: Moments

    private mutating func checkMoments(_ key: ModelRequest.Key, _ story: Story) {
        for call in story.calls {
            let isLate = call.startedAt > story.resultVisibleAt
            // Without transactions a result may be visible whose offset and state are not yet.
            if isLate, plan.guarantee == .exactlyOnce || losses.isEmpty {
                violated(key, "was called after its result was visible")
            }
            let deadline = min(story.request.expiresAt ?? .max, story.request.windowClosesAt ?? .max)
            if deadline < .max, call.startedAt > deadline + clockDoubt {
                violated(key, "was called after its deadline")
            }
        }
        let byLife = Dictionary(grouping: story.calls) { "\($0.caller) \($0.epoch)" }
        for calls in byLife.values where !story.request.isIdempotent {
            let unknown = calls.filter { $0.toldClass == .unknown }
            let answered = unknown.filter(\.isAnsweredWithCode).count
            if answered > plan.answeredUnknownResends + 1 {
                violated(key, "was sent again \(answered - 1) times after answers that say nothing")
            }
            if unknown.count - answered > plan.unknownResends + 1 {
                violated(key, "was sent again \(unknown.count - answered - 1) times after unknown outcomes")
            }
        }
    }

    // MARK: Order

    /// Within one assignment, a conversation's calls follow the order of its requests, each after the end of the one
    /// before.
    private mutating func checkOrder() {
        struct Lane: Hashable {
            var life: String
            var conversation: String
        }
        var last: [Lane: GraphCall] = [:]
        for call in stories.values.flatMap(\.calls).sorted(by: { $0.number < $1.number }) {
            let request = call.request
            let lane = Lane(
                life: "\(call.caller) \(call.epoch)",
                conversation: "\(request.key.partition) \(request.account) \(request.conversation)"
            )
            defer { last[lane] = call }
            guard let before = last[lane] else { continue }
            if request.key.offset < before.request.key.offset {
                violated(request.key, "was called after \(before.request.key) of the same conversation")
            }
            if (before.toldAt ?? .max) > call.startedAt {
                violated(request.key, "was called before the call of \(before.request.key) had ended")
            }
        }
        checkOrderOverLives()
    }

    /// Over all assignments: before a request is called, each earlier one of its conversation has ended for whoever calls.
    private mutating func checkOrderOverLives() {
        let conversations = Dictionary(grouping: stories.values) { story in
            "\(story.request.key.partition) \(story.request.account) \(story.request.conversation)"
        }
        for group in conversations.values {
            let ordered = group.sorted { $0.request.key < $1.request.key }
            for (index, story) in ordered.enumerated() {
                for call in story.calls {
                    for earlier in ordered[..<index] where earlier.resultVisibleAt > call.startedAt {
                        // Not visible yet: then this caller itself must have brought it to its end.
                        let late = earlier.calls.contains {
                            $0.caller == call.caller && $0.epoch == call.epoch && $0.startedAt > call.startedAt
                        }
                        if late { violated(earlier.request.key, "was called after \(story.request.key)") }
                    }
                }
            }
        }
    }
}
