internal import InstagramMessaging
internal import SendEngine

/// One life of a worker: the real replica, which decides, between models of the consumer, the committers, the HTTP client and
/// what they talk to, on virtual time. It carries out what the replica asks for and knows no rule of its own.
final class Worker {
    /// The facts that the consumer knows of a partition that it owns.
    struct Fetching {
        var epoch: UInt64
        var assignedAt: Int64
        /// Whether its assignment has been taken in, so that the group's library tells of other things.
        var isTakenIn = false
        /// The next offset to fetch; nil until its state is restored.
        var position: Int64?
        var isPaused = false
        var isAsking = false
        var isRevoking = false
    }

    let process: Process
    let cluster: Cluster
    var decisions: Replica
    var random: SeededRandom
    var isStopping = false
    private var wakeAt: Int64?

    /// The requests whose results are not durable.
    var pending: [RecordID: ModelRequest] = [:]
    /// The assignments that calls which wait for a connection ask for.
    private var leases: [Int32: UInt64] = [:]
    /// Partitions whose state is being read, with their assignments.
    var restoring: [Int32: UInt64] = [:]

    // The consumer.
    var memberID: Int?
    var generation = 0
    var lastEpoch: UInt64 = 0
    /// The moment at which it last heard of an assignment.
    var assignedAt = Int64.min
    var owned: [Int32: Fetching] = [:]

    // The committer.
    /// Whether nothing of the last commit became durable.
    var isLosing = false
    /// The records that brokers without transactions took of a commit that failed.
    var published = PublishedRecords()
    let transactionalID: String
    var producerEpoch: Int?
    /// The moment at which the group was last asked to take offsets.
    var groupAskedAt = Int64.min

    init(name: String, cluster: Cluster, transactionalID: String, random: SeededRandom) {
        var random = random
        process = Process(name: name, timeline: cluster.timeline, random: SeededRandom(seed: random.next()))
        self.cluster = cluster
        self.transactionalID = transactionalID
        var settings = cluster.plan.engine
        settings.limits = cluster.limits.general
        settings.accountLimits = cluster.limits.ofAccounts
        decisions = Replica(
            settings: cluster.plan.replica,
            engine: settings,
            random: SeededRandom(seed: random.next())
        )
        self.random = random
    }

    var name: String { process.name }
    var plan: RunPlan { cluster.plan }

    var now: EngineTime {
        let wall = cluster.timeline.now + process.wallShift
        return EngineTime(
            monotonic: process.monotonic,
            wall: Timestamp(millisecondsSinceEpoch: Cluster.wallStart + Int64((Double(wall) / 1e6).rounded(.down)))
        )
    }

    /// The time that a request takes to the brokers, or an answer back.
    var latency: Int64 {
        let isSlow = cluster.faults.happens(.slowBroker)
        return random.span(100 * Span.microsecond...(isSlow ? 3_000 : 15) * Span.millisecond)
    }

    func trace(_ text: @autoclosure () -> String) { cluster.trace("\(name): \(text())") }

    // MARK: The loop

    /// Takes in one event, then carries out what follows from it.
    func run(_ event: ReplicaEvent) {
        let now = now
        decisions.handle(event, now: now)
        carryOutActions(now: now)
    }

    func carryOutActions(now: EngineTime) {
        for action in decisions.takeActions(now: now) { carryOut(action) }
        scheduleWake(now)
    }

    private func carryOut(_ action: ReplicaAction) {
        switch action {
        case .prepare(let id): prepare(id)
        case .call(let id, _, let latestStart): call(id, latestStart: latestStart)
        case .commit(let commit): start(commit)
        case .release(let ids): for id in ids { pending[id] = nil }
        case .forget(let partitions): forget(Set(partitions))
        case .restore(let partitions, let epoch):
            for partition in partitions {
                leases[partition] = epoch
                restoring[partition] = epoch
                restore(partition, epoch: epoch)
            }
        case .cancelRestore(let epoch): restoring = restoring.filter { $0.value != epoch }
        case .startFetching(let partitions, let offsets, let epoch):
            takeIn(partitions, epoch: epoch)
            for partition in partitions { begin(partition, at: offsets[partition] ?? 0) }
        case .startPaused(let partitions, let epoch): takeIn(partitions, epoch: epoch)
        case .begin(let partition, let offset): begin(partition, at: offset)
        case .pause(let partition): owned[partition]?.isPaused = true
        case .resume(let partition):
            owned[partition]?.isPaused = false
            fetch(partition)
        case .finishRevoke(let partitions): giveUp(partitions)
        case .stopped: leave()
        case .findLogStarts(let passedOver):
            process.after(latency) { [self] in
                run(.logStarts(passedOver.mapValues { _ in 0 }, passedOver: passedOver))
            }
        case .findLogs(let repeated):
            process.after(latency) { [self] in
                let logs = repeated.map { ($0.key, 0..<cluster.logEnd(of: $0.key)) }
                run(.logs(Dictionary(uniqueKeysWithValues: logs), repeated: repeated))
            }
        case .report(let report): take(report)
        }
    }

    private func take(_ report: ReplicaReport) {
        switch report {
        case .drainCutShort: cluster.noteLoss(of: self)
        case .deletedUnread(let count, let partition, _):
            cluster.violated("\(name) says that \(count) requests of partition \(partition) were deleted")
        case .anotherLog(let partition, _, _):
            cluster.violated("\(name) takes partition \(partition) for another log")
        case .failed(let error):
            trace("ends: \(error)")
            cluster.violated("\(name) cannot commit any more: \(error)")
        case .assigned, .revoking, .lost, .givenUp, .suspended, .commitsOverdue, .commitsRecovered, .commitsSlow,
            .longWait:
            break
        }
    }

    private func forget(_ partitions: Set<Int32>) {
        for partition in partitions { leases[partition] = nil }
        // With another partition a commit can show first that commits go through.
        if leases.isEmpty { isLosing = false }
        pending = pending.filter { !partitions.contains($0.key.partition) }
    }

    /// As after SIGTERM: finish what runs, commit, leave, end.
    func stop() {
        process.after(0) { [self] in
            guard !isStopping else { return }
            trace("stops")
            isStopping = true
            run(.stop)
        }
    }

    private func leave() {
        let id = memberID
        owned = [:]
        process.ask(after: latency) { [self] in
            if let id { cluster.group.remove(id) }
            cluster.ended(self)
        }
    }

    /// Asks the brokers a question again and again.
    func askBrokers() {
        process.ask(after: latency) { [self] in
            process.hear(after: latency, by: .producer) { [self] in run(.brokersAnswered) }
        }
        process.after(RunPlan.questionInterval) { [self] in askBrokers() }
    }

    // MARK: Calls

    private func prepare(_ id: RecordID) {
        let refusal = random.chance(5) ? SendError(category: .media, message: "Too large.") : nil
        process.after(random.span(0...2 * Span.second)) { [self] in
            run(.preparationEnded(id, refusal: refusal))
        }
    }

    private func call(_ id: RecordID, latestStart: Int64) {
        guard let request = pending[id] else {
            cluster.violated("\(name) is asked to call \(id), which it does not know")
            return
        }
        trace("is to call \(request.key)")
        if isLosing { cluster.violated("\(name) calls \(request.key) while nothing becomes durable") }
        cluster.noteDecision(request, of: self)
        // A connection takes a moment, and the process may stand still meanwhile.
        process.after(random.span(0...5 * Span.millisecond)) { [self] in
            guard leases[id.partition] == id.epoch, now.monotonic < latestStart else {
                trace("comes too late for \(request.key)")
                run(.callEnded(id, Self.tooLate))
                return
            }
            begin(request, id)
        }
    }

    private static var tooLate: CallOutcome {
        var outcome = CallOutcome.notSent("Its turn came too late.", category: .endpointUnavailable)
        outcome.wasStarted = false
        return outcome
    }

    private func begin(_ request: ModelRequest, _ id: RecordID) {
        trace("calls \(request.key) (\(request.rateClass), account \(request.account))")
        cluster.noteCall(request, of: self)
        cluster.graph.call(request, caller: name, epoch: id.epoch) { [self] number, outcome in
            process.after(0) { [self] in
                trace("is told of \(request.key): \(outcome.outcomeClass.rawValue)")
                cluster.graph.told(number, outcome, isOwner: decisions.epochs[id.partition] == id.epoch)
                run(.callEnded(id, outcome))
            }
        }
    }

    func tokensChanged(_ accounts: [String]) {
        process.after(random.span(0...Span.second)) { [self] in run(.tokensChanged(accounts)) }
    }

    /// Reads the configuration again, after a while.
    func limitsChanged() {
        process.after(random.span(0...2 * Span.second)) { [self] in
            let limits = cluster.limits
            run(.limitsChanged(limits.general, accounts: limits.ofAccounts))
        }
    }

    /// Shows to the model why each account waits.
    func explainAll(_ accounts: [String]) {
        guard !process.isDead, !process.isPaused else { return }
        for account in accounts {
            guard let explanation = decisions.engine.explain(account: account, now: now) else { continue }
            // A clock that jumped, or stood still, shows other times than the model's.
            let shift = cluster.timeline.now - now.monotonic
            var shown = explanation
            shown.nextDue = explanation.nextDue.map { $0 + shift }
            cluster.graph.scopes.explained(
                shown,
                by: name,
                now: cluster.timeline.now,
                checksTimes: cluster.jumps == 0 && cluster.losses.isEmpty
            )
        }
    }

    private func scheduleWake(_ now: EngineTime) {
        guard let due = decisions.nextWake(now: now) else {
            wakeAt = nil
            return
        }
        let moment = max(due, now.monotonic + Span.microsecond)
        if let wakeAt, wakeAt <= moment, wakeAt > now.monotonic { return }
        wakeAt = moment
        process.after(moment - now.monotonic) { [self] in
            guard wakeAt == moment else { return }
            wakeAt = nil
            run(.tick)
        }
    }
}
