import InstagramMessaging
import SendEngine
import Testing

/// A replica on a clock that the test moves, with all that it asks for.
final class ReplicaRig {
    var replica: Replica
    var milliseconds: Int64 = 0
    /// All actions so far.
    private(set) var actions: [ReplicaAction] = []
    /// The commit that is under way.
    private(set) var openCommit: ReplicaCommit?
    private var epochs: [Int32: UInt64] = [:]
    private var nextOffsets: [Int32: Int64] = [:]

    static let wallStart: Int64 = 1_700_000_000_000

    init(_ settings: Replica.Settings = .usual, engine: EngineSettings = .quiet, seed: UInt64 = 1) {
        replica = Replica(settings: settings, engine: engine, random: SplitMix64(seed: seed))
    }

    var now: EngineTime {
        let wall = Timestamp(millisecondsSinceEpoch: Self.wallStart + milliseconds)
        return EngineTime(monotonic: milliseconds * 1_000_000, wall: wall)
    }

    /// When the replica wants to be asked next, in milliseconds.
    var nextWake: Int64? { replica.nextWake(now: now).map { ($0 + 999_999) / 1_000_000 } }

    var isSuspended: Bool { replica.engine.isSuspended }

    /// Everything reported and asked for since the start, in words.
    var words: [String] { actions.map(\.words) }

    // MARK: Turns

    /// Lets the replica decide; what it asks for.
    @discardableResult
    func turn() -> [ReplicaAction] {
        let new = replica.takeActions(now: now)
        for case .commit(let commit) in new {
            #expect(openCommit == nil, "one commit at a time")
            openCommit = commit
        }
        actions += new
        return new
    }

    @discardableResult
    func handle(_ event: ReplicaEvent) -> [ReplicaAction] {
        replica.handle(event, now: now)
        return turn()
    }

    @discardableResult
    func advance(to moment: Int64) -> [ReplicaAction] {
        milliseconds = max(milliseconds, moment)
        return turn()
    }

    /// Moves the clock to whatever the replica waits for, as often as it waits for anything before a moment.
    func advanceWhereAsked(until end: Int64) {
        for _ in 0..<10_000 {
            guard let wake = nextWake, wake <= end else { return }
            advance(to: wake)
        }
        Issue.record("the replica wants to be asked again and again")
    }

    // MARK: Events

    /// Assigns partitions and hands over what the last owner left of each.
    @discardableResult
    func assign(
        _ partitions: [Int32],
        epoch: UInt64 = 1,
        state: RestoredPartition = RestoredPartition()
    ) -> [ReplicaAction] {
        beginAssignment(of: partitions, epoch: epoch) + restore(partitions, epoch: epoch, state: state)
    }

    @discardableResult
    func beginAssignment(of partitions: [Int32], epoch: UInt64 = 1) -> [ReplicaAction] {
        for partition in partitions { epochs[partition] = epoch }
        return handle(.assigned(partitions, epoch: epoch))
    }

    @discardableResult
    func restore(
        _ partitions: [Int32],
        epoch: UInt64 = 1,
        state: RestoredPartition = RestoredPartition()
    ) -> [ReplicaAction] {
        for partition in partitions { nextOffsets[partition] = state.position ?? state.committed ?? 0 }
        return handle(.restored(Dictionary(uniqueKeysWithValues: partitions.map { ($0, state) }), epoch: epoch))
    }

    func id(_ offset: Int64, of partition: Int32 = 0, epoch: UInt64? = nil) -> RecordID {
        RecordID(partition: partition, offset: offset, epoch: epoch ?? epochs[partition] ?? 0)
    }

    /// What a record is to the replica; without a turn.
    @discardableResult
    func intake(_ id: RecordID, delivery: DeliveryPreference = .atLeastOnce, timestamp: Int64? = nil) -> Replica.Intake
    {
        nextOffsets[id.partition] = id.offset &+ 1
        let request = QueuedRequest(
            id: id,
            accountID: "\(id.partition)",
            conversation: "u:\(id.offset)",
            rateClass: .messages,
            delivery: delivery
        )
        let record = Replica.ReadRecord(
            id: id,
            content: .request(request),
            timestamp: timestamp ?? now.wall.millisecondsSinceEpoch
        )
        return replica.read(record, now: now)
    }

    /// Reads the next request of a partition, in a conversation of its own.
    @discardableResult
    func read(_ partition: Int32 = 0) -> RecordID {
        let id = id(nextOffsets[partition] ?? 0, of: partition)
        intake(id)
        turn()
        return id
    }

    @discardableResult
    func end(_ id: RecordID, _ outcome: CallOutcome = .delivered) -> [ReplicaAction] { handle(.callEnded(id, outcome)) }

    /// Reads the next request of a partition and ends its call.
    @discardableResult
    func finish(_ partition: Int32 = 0) -> RecordID {
        let id = read(partition)
        end(id)
        return id
    }

    /// Ends the commit that is under way.
    @discardableResult
    func endCommit(
        _ outcome: CommitOutcome = .committed,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [ReplicaAction] {
        try endCommit(.success(outcome), sourceLocation: sourceLocation)
    }

    @discardableResult
    func endCommit(
        _ result: Result<CommitOutcome, CommitError>,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> [ReplicaAction] {
        let number = try #require(openCommit?.number, "a commit is under way", sourceLocation: sourceLocation)
        openCommit = nil
        return handle(.commitEnded(number: number, result, askedAt: .min))
    }
}

extension Replica.Settings {
    static var usual: Replica.Settings {
        Replica.Settings(commitInterval: .milliseconds(100), drainTimeout: .seconds(30))
    }

    static func usual(_ change: (inout Replica.Settings) -> Void) -> Replica.Settings {
        var settings = Replica.Settings.usual
        change(&settings)
        return settings
    }
}

extension ReplicaAction {
    /// The action in words, a report without the word for it.
    var words: String {
        switch self {
        case .commit(let commit): "commit(\(commit.number))"
        case .release(let ids): "release(\(ids.map(\.offset)))"
        case .call(let id, _, _): "call(\(id.partition): \(id.offset))"
        case .report(let report): "\(report)"
        default: "\(self)"
        }
    }
}

extension [ReplicaAction] {
    var words: [String] { map(\.words) }

    var commits: [ReplicaCommit] {
        compactMap { action in
            if case .commit(let commit) = action { commit } else { nil }
        }
    }

    var calls: [RecordID] {
        compactMap { action in
            if case .call(let id, _, _) = action { id } else { nil }
        }
    }
}
