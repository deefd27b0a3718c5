internal import InstagramMessaging

/// All decisions of one worker process: what is called when, what is committed when, when a partition is given up, when calls
/// stop and may begin again.
///
/// Pure, as the engine that it owns: events go in with the time at which they happen, and what follows from them, and from
/// the time itself, comes out of `takeActions`. Payloads stay outside; a request is known by its `RecordID`. No input traps:
/// what comes for assignments that are over is ignored.
package struct Replica: ~Copyable, Sendable {
    /// The behaviour of a replica, apart from its engine.
    package struct Settings: Sendable, Hashable {
        /// The least time between the starts of two commits.
        package var commitInterval: Duration
        /// The longest time that commits may fail before that is reported.
        package var commitPatience: Duration
        /// The longest time that one commit may be under way before that is reported.
        package var slowCommitPatience: Duration
        /// The time that running calls get when a partition is taken away or the worker stops.
        package var drainTimeout: Duration
        /// The longest time that a rebalance may wait for the state of arriving partitions.
        package var restorePatience: Duration
        /// From when on a silence of the brokers puts the membership in doubt.
        package var membership: MembershipDoubt.Settings

        package init(
            commitInterval: Duration,
            commitPatience: Duration = .seconds(2),
            slowCommitPatience: Duration = .seconds(10),
            drainTimeout: Duration,
            restorePatience: Duration = .seconds(1),
            membership: MembershipDoubt.Settings = MembershipDoubt.Settings()
        ) {
            self.commitInterval = commitInterval
            self.commitPatience = commitPatience
            self.slowCommitPatience = slowCommitPatience
            self.drainTimeout = drainTimeout
            self.restorePatience = restorePatience
            self.membership = membership
        }
    }

    /// Questions about logs are put so often at most, in nanoseconds.
    private static let questionInterval: Int64 = 1_000_000_000

    let settings: Settings
    /// The part that decides on requests, accounts and their calls.
    package internal(set) var engine: SendEngine
    var assignments = Assignments()
    var commits = CommitCycle()
    var drains: [Drain] = []
    var doubt: MembershipDoubt
    var actions: [ReplicaAction] = []
    var isStopping = false
    var hasFailed = false
    /// Whether it is reported that nothing becomes durable.
    var isOverdueReported = false
    private var nextQuestionAt = Int64.min

    /// - Parameter random: Where delays are drawn from; the same source and the same events give the same actions.
    package init(
        settings: Settings,
        engine: EngineSettings,
        random: any RandomNumberGenerator & Sendable
    ) {
        self.settings = settings
        self.engine = SendEngine(settings: engine, random: random)
        doubt = MembershipDoubt(settings.membership)
    }

    /// Takes in what has happened. What follows is in the next actions.
    package mutating func handle(_ event: ReplicaEvent, now: EngineTime) {
        switch event {
        case .assigned(let partitions, let epoch): assign(partitions, epoch: epoch, now: now)
        case .restored(let restored, let epoch): begin(restored, epoch: epoch, now: now)
        case .revoking(let partitions): revoke(partitions, now: now)
        case .lost(let partitions): lose(partitions, now: now)
        case .preparationEnded(let id, let refusal): engine.preparationEnded(id, refusal: refusal, now: now)
        case .callEnded(let id, let outcome): engine.callEnded(id, outcome, now: now)
        case .commitEnded(let number, let result, let askedAt): endCommit(number, result, askedAt: askedAt, now: now)
        case .tokensChanged(let accounts): engine.tokensChanged(accounts, now: now)
        case .limitsChanged(let limits, let accounts): engine.changeLimits(limits, accountLimits: accounts, now: now)
        case .brokersChanged(true): doubt.noteBrokersUp(at: now.monotonic)
        case .brokersChanged(false): doubt.noteBrokersDown(at: now.monotonic)
        case .brokersAnswered: doubt.noteAnswer(at: now.monotonic)
        case .logStarts(let starts, let passedOver): reportDeleted(passedOver, before: starts)
        case .logs(let logs, let repeated): reportOtherLogs(logs, repeated)
        case .stop: stop(now: now)
        case .resume:
            engine.advance(to: now)
            engine.resume(now: now)
        case .tick: break
        }
    }

    /// The meaning that a record which was read has for the replica.
    package enum Intake: Sendable, Hashable {
        /// It comes for an assignment that is over, or to a worker that stops: it is nobody's here.
        case notOurs
        /// It is being worked on, or an earlier owner has finished it.
        case known
        /// It is to be kept until it is released.
        case new
    }

    /// A record that was read.
    package struct ReadRecord: Sendable {
        /// The content of the record: what it asks for.
        package enum Content: Sendable {
            case request(QueuedRequest)
            /// Nothing that can be called.
            case settled(RequestEnd)
        }

        package var id: RecordID
        package var content: Content
        /// Kafka's, in milliseconds.
        package var timestamp: Int64

        package init(id: RecordID, content: Content, timestamp: Int64) {
            self.id = id
            self.content = content
            self.timestamp = timestamp
        }
    }

    /// Takes in a record that was read.
    package mutating func read(_ record: ReadRecord, now: EngineTime) -> Intake {
        let id = record.id
        // A batch may still hold records of a partition that was taken away meanwhile.
        guard assignments.epochs[id.partition] == id.epoch, !isStopping else { return .notOurs }
        noteRead(record, now: now)
        let isNew =
            switch record.content {
            case .request(let request): engine.accept(request, now: now)
            case .settled(let end): engine.settle(end, now: now)
            }
        return isNew ? .new : .known
    }

    /// Returns what is to be done now, in this order.
    ///
    /// - Parameter now: The present: what has become due is part of the answer.
    package mutating func takeActions(now: EngineTime) -> [ReplicaAction] {
        engine.advance(to: now)
        suspendOrResumeCalls(now: now)
        takeEngineActions()
        for wait in engine.takeLongWaits() { actions.append(.report(.longWait(wait))) }
        endSlowRebalances(now: now)
        if !drains.isEmpty {
            progressDrains(now: now)
            // What could not be committed may have gone with a drain.
            suspendOrResumeCalls(now: now)
        }
        commits.filling.note(hasRoom: engine.hasRoomForDoubt, at: now.monotonic)
        startCommitIfDue(now: now)
        askAboutLogs(now: now)
        defer { actions.removeAll(keepingCapacity: true) }
        return actions
    }

    private mutating func takeEngineActions() {
        for action in engine.takeActions() {
            switch action {
            case .prepare(let id): actions.append(.prepare(id))
            case .call(let id, let attempt):
                actions.append(.call(id, attempt: attempt, latestStart: engine.latestStart(of: id)))
            case .pause(let partition): actions.append(.pause(partition))
            case .resume(let partition): actions.append(.resume(partition))
            }
        }
    }

    /// The moment at which `takeActions` is next to be asked, on the monotonic clock, though nothing has happened; nil
    /// for never.
    package func nextWake(now: EngineTime) -> Int64? {
        [
            engine.nextWake, drains.map(\.deadline).min(), nextCommitAt(now: now),
            isOverdueReported ? nil : overdueAt, assignments.nextEndOfRebalance,
        ].compactMap(\.self).min()
    }

    private mutating func askAboutLogs(now: EngineTime) {
        guard now.monotonic >= nextQuestionAt else { return }
        nextQuestionAt = now.monotonic.saturatingAdd(Self.questionInterval)
        let gaps = assignments.unreadGaps.take()
        if !gaps.isEmpty { actions.append(.findLogStarts(passedOver: gaps)) }
        let repeated = assignments.progress.takeRepeated()
        if !repeated.isEmpty { actions.append(.findLogs(repeated: repeated)) }
    }
}

extension Replica {
    /// The assigned partitions, with the numbers of their assignments.
    package var epochs: [Int32: UInt64] { assignments.epochs }

    /// The offsets that are committed as far as is known, by partition.
    package var committedOffsets: [Int32: Int64] { assignments.committedBefore }

    /// The number of partitions that wait for their state.
    package var restoring: Int { assignments.restoring }

    /// Since when something waits to become durable without success, in monotonic nanoseconds; nil while all goes well.
    package var overdueSince: Int64? { commits.overdueSince }
}
