internal import InstagramMessaging

/// The requests that the producers publish in one run, drawn from the seed.
struct Workload {
    var requests: [ModelRequest] = []

    init(_ plan: RunPlan, random: inout SeededRandom) {
        var offsets = Array(repeating: Int64(-1), count: plan.partitions)
        for index in 0..<plan.requests {
            let account = Self.account(plan, random: &random)
            let partition = account % plan.partitions
            // Transaction markers and compaction leave gaps.
            offsets[partition] += random.chance(15) ? 3 : 1
            let publishedAt = Int64(index) * plan.publishing / Int64(plan.requests)
            requests.append(
                Self.request(
                    ModelRequest.Key(partition: Int32(partition), offset: offsets[partition]),
                    account: account,
                    publishedAt: publishedAt,
                    plan,
                    random: &random
                )
            )
        }
    }

    /// The first account is the busiest.
    private static func account(_ plan: RunPlan, random: inout SeededRandom) -> Int {
        random.chance(30) ? 0 : random.number(0...plan.accounts - 1)
    }

    private static func request(
        _ key: ModelRequest.Key,
        account: Int,
        publishedAt: Int64,
        _ plan: RunPlan,
        random: inout SeededRandom
    ) -> ModelRequest {
        let kinds: [RateClass] = [.messages, .messages, .messages, .messages, .media, .privateReplies]
        let rateClass = random.pick(kinds) ?? .messages
        var request = ModelRequest(
            key: key,
            account: "\(1_000 + account)",
            conversation: "u:\(random.number(1...plan.conversations))",
            rateClass: rateClass,
            delivery: random.chance(plan.atMostOncePercent) ? .atMostOnce : .atLeastOnce,
            publishedAt: publishedAt
        )
        // No draw of its own: the seeds' other traffic stays as it is.
        switch rateClass {
        case .privateReplies, .liveReplies: request.feature = .privateReply
        case .media: request.feature = key.offset % 3 == 0 ? .humanAgent : .direct
        case .messages: request.feature = [.direct, .direct, .link, .humanAgent][Int(key.offset % 4)]
        }
        request.isIdempotent = rateClass == .messages && random.chance(12)
        request.needsPreparation = rateClass == .media && random.chance(60)
        request.isInvalid = random.chance(3)
        if random.chance(plan.deadlinePercent) {
            request.expiresAt = publishedAt + random.span(Span.second...2 * Span.minute)
        }
        if random.chance(plan.deadlinePercent / 2) {
            request.windowClosesAt = publishedAt + random.span(Span.second...2 * Span.minute)
        }
        return request
    }
}
