import InstagramMessaging
import SendEngine

extension World {
    /// Carries out what the engine asks for.
    func act() {
        for action in engine.takeActions() {
            switch action {
            case .call(let id, let attempt): call(id, attempt: attempt)
            case .prepare(let id):
                preparing.append((id, milliseconds + Int64.random(in: 0...2_000, using: &random)))
            case .pause(let partition): partitions[partition]?.isPaused = true
            case .resume(let partition): partitions[partition]?.isPaused = false
            }
        }
    }

    private func call(_ id: RecordID, attempt: Int) {
        guard let record = records[id.partition]?[id.offset], let state = partitions[id.partition] else { return }
        let request = record.request
        let key = request.accountID + request.conversation
        let name = "\(id.partition)/\(id.offset)"
        dropEnded(in: key)
        check(id.epoch == state.epoch, "\(name) is called for an assignment that is over")
        check(!state.isDraining, "\(name) is called while its partition is given up")
        check(unended[key]?.first == id, "\(name) is called before an earlier request of its conversation has ended")
        check(!running.contains { $0.id == id }, "\(name) is called twice at once")
        check(record.result == nil, "\(name) is called after its result")
        check(running.count < settings.maxInFlight, "more calls run than allowed")
        let deadline = min(request.expiresAt ?? request.windowClosesAt, request.windowClosesAt ?? request.expiresAt)
        check(deadline.map { $0 > now.wall } ?? true, "\(name) is called after its deadline")
        if request.delivery == .atMostOnce, !request.isIdempotent {
            check(record.delivered == 0, "\(name) is called again though it was delivered at most once")
            let snapshot = state.snapshot.flatMap(PartitionSnapshot.init(decoding:))
            check(
                snapshot?.started.contains { $0.contains(id.offset) } ?? false,
                "\(name) is called without a durable mark"
            )
        }
        answer(id, request)
    }

    private func answer(_ id: RecordID, _ request: QueuedRequest) {
        callsMade += 1
        let (outcome, isDelivered) = outcome(for: request)
        let takes = Int64.random(in: 0...(chance(10) ? 5_000 : 300), using: &random)
        let slack = settings.arrivalSlack.components.attoseconds / 1_000_000_000_000_000
        let arrival = milliseconds + Int64.random(in: 0...min(takes, slack), using: &random)
        running.append(Call(id: id, endsAt: milliseconds + takes, outcome: outcome))
        arrivals.append(Arrival(account: request.accountID, rateClass: request.rateClass, at: arrival))
        records[id.partition]?[id.offset]?.calls += 1
        records[id.partition]?[id.offset]?.callsThisEpoch += 1
        if isDelivered { records[id.partition]?[id.offset]?.delivered += 1 }
    }

    private func outcome(for request: QueuedRequest) -> (CallOutcome, isDelivered: Bool) {
        var outcome = CallOutcome.delivered
        if isCalm { return (outcome, true) }
        if chance(5) {
            let regain = chance(10) ? 1 : nil
            outcome.usage = UsageReport(highestPercent: Int.random(in: 0...100, using: &random), regainMinutes: regain)
        }
        let retryAfter: Int64? = chance(5) ? 3_000 : nil
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<60: return (outcome, true)
        case 60..<68: return (.refused, false)
        case 68..<76: return (.bad(.notSent, .endpointUnavailable, retryAfter: retryAfter), false)
        case 76..<86: return (.bad(.unknown, .timeout, retryAfter: retryAfter), chance(50))
        case 86..<90: return (.bad(.throttled, .throttled, status: 400, retryAfter: retryAfter), false)
        case 90..<93: return (.bad(.mediaFetch, .media, status: 400), false)
        case 93: return (.held, false)
        case 94: return (.stopped, false)
        case 95: return (.bad(.applicationThrottled, .throttled, status: 400), false)
        case 96: return (.bad(.tokenDead, .token, wasStarted: false), false)
        default:
            parked.insert(request.accountID)
            return (.tokenDead, false)
        }
    }

    func endCalls() {
        let ended = running.filter { $0.endsAt <= milliseconds }
        running.removeAll { $0.endsAt <= milliseconds }
        for call in ended { engine.callEnded(call.id, call.outcome, now: now) }
        let prepared = preparing.filter { $0.endsAt <= milliseconds }
        preparing.removeAll { $0.endsAt <= milliseconds }
        for (id, _) in prepared {
            let refusal = chance(5) ? SendError(category: .media, message: "Too large.") : nil
            engine.preparationEnded(id, refusal: refusal, now: now)
        }
    }

    /// Forgets the requests of a conversation that the engine has ended.
    private func dropEnded(in key: String) {
        unended[key]?.removeAll { engine.explain($0, now: now) == nil }
    }

    /// Whether any stretch of time held more arrivals than a limit allows.
    func checkLimits() {
        let limits = settings.limits
        for account in Set(arrivals.map(\.account)) {
            let own = arrivals.filter { $0.account == account }
            check(own.filter { $0.rateClass != .media }, limits.messagesPerSecond, 1_000, "messages", account)
            check(own.filter { $0.rateClass == .media }, limits.mediaPerSecond, 1_000, "media", account)
            check(
                own.filter { $0.rateClass == .privateReplies },
                limits.privateRepliesPerHour,
                3_600_000,
                "private replies",
                account
            )
        }
    }

    private func check(_ some: [Arrival], _ limit: Int, _ length: Int64, _ name: String, _ account: String) {
        let times = some.map(\.at).sorted()
        for index in times.indices.dropFirst(limit) where times[index] - times[index - limit] < length {
            check(false, "account \(account): more \(name) than allowed, the last at \(times[index]) ms")
        }
    }
}

private func min(_ left: Timestamp?, _ right: Timestamp?) -> Timestamp? {
    guard let left, let right else { return left ?? right }
    return Swift.min(left, right)
}
