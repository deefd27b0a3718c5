import InstagramMessaging
import SendEngine
import Testing

/// What holds whatever comes: in its order, out of it, twice or not at all.
@Suite("What a replica promises for any sequence of events")
struct ReplicaPropertyTests {
    @Test(arguments: 0..<8)
    func `short random sequences keep every promise`(part: Int) {
        for seed in UInt64(part) * 300..<UInt64(part + 1) * 300 {
            var play = ReplicaPlay(seed: seed)
            play.run(events: 40)
            #expect(play.broken.isEmpty, "seed \(seed): \(play.broken)")
        }
    }

    @Test func `the sequences reach what they are to test`() {
        var reached: Set<String> = []
        for seed in 0..<300 as Range<UInt64> {
            var play = ReplicaPlay(seed: seed)
            play.run(events: 40)
            reached.formUnion(play.reached)
        }
        let all: Set<String> = [
            "begin", "call", "cancelRestore", "commit", "commitsOverdue", "commitsRecovered", "drainCutShort", "failed",
            "findLogStarts", "findLogs", "finishRevoke", "forget", "pause", "prepare", "release", "restore", "resume",
            "startFetching", "startPaused", "stopped", "suspended",
        ]
        #expect(all.subtracting(reached).isEmpty)
    }
}

/// A replica among events that a seed chooses, with account of what it promises.
private struct ReplicaPlay: ~Copyable {
    private var replica: Replica
    private var random: SplitMix64
    private var milliseconds: Int64 = 0
    private var epoch: UInt64 = 0

    private var openCommit: UInt64?
    private var committed: Set<RecordID> = []
    private var released: Set<RecordID> = []
    private var calls: [RecordID] = []
    private var preparations: [RecordID] = []
    /// Partitions that were forgotten and not assigned since.
    private var forgotten: Set<Int32> = []
    /// Partitions on their way out.
    private var leaving: Set<Int32> = []
    private var stops = 0
    private var failures = 0

    /// The promises that were not kept.
    private(set) var broken: [String] = []
    /// The kinds of actions and reports that there were.
    private(set) var reached: Set<String> = []

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
        let engine = EngineSettings.quiet {
            $0.maxInFlight = 4
            $0.maxInDoubt = 6
            $0.maxOutstandingPerPartition = 2
            $0.ownershipLease = seed % 2 == 0 ? nil : .seconds(20)
        }
        let settings = Replica.Settings.usual { $0.drainTimeout = .seconds(3) }
        replica = Replica(settings: settings, engine: engine, random: SplitMix64(seed: seed))
    }

    private var now: EngineTime {
        let wall = Timestamp(millisecondsSinceEpoch: ReplicaRig.wallStart + milliseconds)
        return EngineTime(monotonic: milliseconds * 1_000_000, wall: wall)
    }

    mutating func run(events: Int) {
        for _ in 0..<events where broken.isEmpty {
            step()
            for action in replica.takeActions(now: now) { check(action) }
        }
    }

    // MARK: Events

    private mutating func step() {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<5: read()
        case 5..<8: endCall()
        case 8..<11: endCommit()
        case 11..<13: pass()
        case 13..<16: changeAssignment()
        case 16: restore()
        case 17: endPreparation()
        default: other()
        }
    }

    private mutating func handle(_ event: ReplicaEvent) { replica.handle(event, now: now) }

    private mutating func partition() -> Int32 { Int32.random(in: 0..<3, using: &random) }

    private mutating func partitions() -> [Int32] { (0..<3).filter { _ in Bool.random(using: &random) } }

    private mutating func isRare() -> Bool { Int.random(in: 0..<8, using: &random) == 0 }

    /// A record that is new, comes again, or comes for an assignment that is over.
    private mutating func id() -> RecordID {
        let partition = partition()
        let number = isRare() ? UInt64.random(in: 0...epoch, using: &random) : replica.epochs[partition] ?? epoch
        let offset = isRare() ? extremeOffset() : Int64.random(in: 0..<30, using: &random)
        return RecordID(partition: partition, offset: offset, epoch: number)
    }

    private mutating func extremeOffset() -> Int64 {
        [-1, .min, .max, .max - 1, Int64.random(in: .min ... .max, using: &random)].randomElement(using: &random) ?? 0
    }

    private mutating func read() {
        let id = id()
        let request = QueuedRequest(
            id: id,
            accountID: "\(id.partition)",
            conversation: "u:\(id.offset)",
            rateClass: .messages,
            delivery: isRare() ? .atMostOnce : .atLeastOnce,
            needsPreparation: isRare()
        )
        let end = RequestEnd(
            id: id,
            status: .expired,
            attempts: 0,
            possibleDuplicate: false,
            completedAt: now.wall
        )
        let record = Replica.ReadRecord(
            id: id,
            content: isRare() ? .settled(end) : .request(request),
            timestamp: now.wall.millisecondsSinceEpoch
        )
        _ = replica.read(record, now: now)
    }

    private mutating func endCall() {
        let id = isRare() ? id() : calls.isEmpty ? nil : calls.removeFirst()
        guard let id else { return }
        let outcomes: [CallOutcome] = [.delivered, .delivered, .delivered, .refused, .unknown, .notSent]
        handle(.callEnded(id, outcomes.randomElement(using: &random) ?? .delivered))
    }

    private mutating func endPreparation() {
        let id = isRare() ? id() : preparations.isEmpty ? nil : preparations.removeFirst()
        guard let id else { return }
        let refusal = SendError(category: .invalidRequest, message: "It is too large.")
        handle(.preparationEnded(id, refusal: isRare() ? refusal : nil))
    }

    private mutating func endCommit() {
        let outcomes: [CommitOutcome] = [.committed, .committed, .offsetsPending, .offsetsRefused, .notOurs, .nothing]
        var result = Result<CommitOutcome, CommitError>.success(outcomes.randomElement(using: &random) ?? .nothing)
        if isRare(), isRare() { result = .failure(CommitError("fenced")) }
        let askedAt = isRare() ? Int64.random(in: .min ... .max, using: &random) : .min
        if isRare() {
            handle(.commitEnded(number: (openCommit ?? 0) + 1, result, askedAt: askedAt))
        } else if let number = openCommit {
            openCommit = nil
            handle(.commitEnded(number: number, result, askedAt: askedAt))
        }
    }

    private mutating func pass() {
        let spans: [ClosedRange<Int64>] = [0...10, 50...200, 500...1_500, 2_000...12_000]
        milliseconds += Int64.random(in: spans.randomElement(using: &random) ?? 0...0, using: &random)
        // Where the replica waits for something, it is asked then.
        if Bool.random(using: &random), let wake = replica.nextWake(now: now) {
            milliseconds = max(milliseconds, min(wake, 1_000_000_000_000) / 1_000_000 + 1)
        }
    }

    private mutating func changeAssignment() {
        switch Int.random(in: 0..<6, using: &random) {
        case 0...2:
            // Mostly what is not here already, and its state soon.
            let wanted = partitions()
            epoch += 1
            handle(.assigned(isRare() ? wanted : wanted.filter { replica.epochs[$0] == nil }, epoch: epoch))
            if !isRare() { restore() }
        case 3, 4:
            let revoked = partitions()
            leaving.formUnion(revoked)
            handle(.revoking(revoked))
        default: handle(.lost(partitions()))
        }
    }

    private mutating func restore() {
        var restored: [Int32: RestoredPartition] = [:]
        for partition in partitions() {
            var state = RestoredPartition(committed: isRare() ? nil : .random(in: 0..<4, using: &random))
            if isRare() { state.position = .random(in: 0..<9, using: &random) }
            if isRare() { state.snapshot = PartitionSnapshot(base: state.position ?? 2, started: [12..<14]) }
            state.newestRead = isRare() ? ReplicaRig.wallStart - 1_000 : nil
            restored[partition] = state
        }
        handle(.restored(restored, epoch: isRare() ? UInt64.random(in: 0...epoch, using: &random) : epoch))
    }

    private mutating func other() {
        switch Int.random(in: 0..<9, using: &random) {
        case 0: handle(.tokensChanged(["0", "9"]))
        case 1: handle(.limitsChanged(EngineSettings.LimitSettings(), accounts: [:]))
        case 2, 3: handle(.brokersChanged(areUp: Bool.random(using: &random)))
        case 4: handle(.brokersAnswered)
        case 5:
            handle(
                .logStarts([partition(): .random(in: .min ... .max, using: &random)], passedOver: [0: [1..<Int64.max]])
            )
        case 6: handle(.logs([0: 0..<4], repeated: [0: .random(in: .min ... .max, using: &random)]))
        case 7: handle(.resume)
        default: if isRare() { handle(.stop) }
        }
    }

    // MARK: Promises

    private mutating func check(_ action: ReplicaAction) {
        reached.insert(String(action.words.prefix { $0 != "(" }))
        for partition in action.named where forgotten.contains(partition) {
            broken.append("\(action.words) names \(partition), which was given up")
        }
        switch action {
        case .prepare(let id):
            checkStart(of: id)
            preparations.append(id)
        case .call(let id, _, _):
            checkStart(of: id)
            calls.append(id)
        case .commit(let commit): check(commit)
        case .release(let ids):
            if !committed.isSuperset(of: ids) { broken.append("\(ids) are released and were in no commit") }
            if !released.isDisjoint(with: ids) { broken.append("\(ids) are released twice") }
            released.formUnion(ids)
        case .forget(let partitions):
            forgotten.formUnion(partitions)
            leaving.subtract(partitions)
        case .restore(let partitions, _): forgotten.subtract(partitions)
        case .stopped:
            stops += 1
            if stops > 1 { broken.append("stopped twice") }
        case .report(.failed):
            failures += 1
            if failures > 1 { broken.append("failed twice") }
        default: break
        }
    }

    private mutating func checkStart(of id: RecordID) {
        if leaving.contains(id.partition) { broken.append("\(id) starts while its partition is on its way out") }
        if failures > 0 { broken.append("\(id) starts though nothing can be committed any more") }
    }

    private mutating func check(_ commit: ReplicaCommit) {
        if openCommit != nil { broken.append("a second commit is under way") }
        if failures > 0 { broken.append("a commit after the last") }
        if commit.offsets.keys.sorted() != commit.epochs.keys.sorted() {
            broken.append("an offset without an assignment")
        }
        openCommit = commit.number
        committed.formUnion(commit.finished.map(\.id))
    }
}

extension ReplicaAction {
    /// The partitions that are to be worked on. What has become of them, and their end, may be told later.
    fileprivate var named: Set<Int32> {
        switch self {
        case .prepare(let id), .call(let id, _, _): [id.partition]
        case .commit(let commit):
            Set(commit.finished.map(\.id.partition)).union(commit.accounts.map(\.partition))
                .union(commit.offsets.keys).union(commit.ledgers.keys).union(commit.epochs.keys)
                .union(commit.committedBefore.keys).union(commit.newestRead.keys)
        case .startFetching(let partitions, _, _), .startPaused(let partitions, _): Set(partitions)
        case .begin(let partition, _), .pause(let partition), .resume(let partition): [partition]
        case .findLogStarts(let passedOver): Set(passedOver.keys)
        case .findLogs(let repeated): Set(repeated.keys)
        case .restore, .cancelRestore, .release, .forget, .finishRevoke, .stopped, .report: []
        }
    }
}
