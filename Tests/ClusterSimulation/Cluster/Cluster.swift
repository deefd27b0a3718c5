internal import InstagramMessaging
internal import SendEngine

/// A whole cluster in one thread on virtual time: brokers, group, Graph, replicas with the real engine, and what goes
/// wrong among them, all drawn from one seed.
final class Cluster {
    static let wallStart: Int64 = 1_700_000_000_000

    /// A time-out of a run that never comes to rest, on the virtual clock, and in events.
    private static let longestRun = 16 * Span.hour
    private static let mostEvents = 1_500_000

    let plan: RunPlan
    let timeline = Timeline()
    let kafka: KafkaModel
    let group: GroupModel
    let graph: GraphModel
    let faults: FaultSource
    let requests: [ModelRequest]
    private(set) var violations: [String] = []
    private(set) var lines: [String] = []
    /// Moments at which an incarnation died or lost its partitions: what it knew and had not committed is gone.
    private(set) var losses: [String: [Int64]] = [:]
    /// Partitions whose state was written by a replica that had lost them, which nothing prevents without transactions.
    private(set) var overwritten: Set<Int32> = []
    private(set) var jumps: Int64 = 0
    /// Whether offsets of the group were moved by somebody who is no worker.
    private(set) var hasMovedOffsets = false
    private(set) var limits: ConfiguredLimits
    private let keepsTrace: Bool
    private var log: [[ModelRequest]]
    private var slots: [Slot] = []
    private var random: SeededRandom
    private var isOver = false
    private var events = 0

    private struct Slot {
        var replica: Worker?
        var incarnations = 0
    }

    init(seed: UInt64, keepsTrace: Bool) {
        plan = RunPlan(seed: seed)
        limits = ConfiguredLimits(plan.engine.limits)
        self.keepsTrace = keepsTrace
        var random = SeededRandom(seed: seed &* 0x2545_F491_4F6C_DD1D &+ 1)
        faults = FaultSource(plan, timeline: timeline, random: SeededRandom(seed: random.next()))
        kafka = KafkaModel(
            partitions: plan.partitions,
            timeline: timeline,
            transactionTimeout: plan.transactionTimeout
        )
        group = GroupModel(partitions: plan.partitions, random: SeededRandom(seed: random.next()))
        graph = GraphModel(plan, timeline: timeline, faults: faults, random: SeededRandom(seed: random.next()))
        requests = Workload(plan, random: &random).requests
        log = Array(repeating: [], count: plan.partitions)
        slots = Array(repeating: Slot(), count: plan.replicas)
        self.random = random
    }

    static func wall(_ moment: Int64) -> Timestamp {
        Timestamp(millisecondsSinceEpoch: wallStart + moment / Span.millisecond)
    }

    func trace(_ text: @autoclosure () -> String) {
        guard keepsTrace else { return }
        let milliseconds = timeline.now / Span.millisecond
        lines.append("\(milliseconds / 1_000).\(String(milliseconds % 1_000 + 1_000).dropFirst()) \(text())")
    }

    func violated(_ text: String) {
        trace("VIOLATION: \(text)")
        violations.append(text)
    }

    // MARK: The run

    func run() {
        kafka.onRegression = { [unowned self] partition, old, new in
            // Where the ledger is a replica's that had lost the partition, and the offset somebody else's, nothing tells
            // what has ended. Only without transactions.
            if hasMovedOffsets, overwritten.contains(partition), plan.guarantee == .atLeastOnce { return }
            violated("the committed offset of partition \(partition) goes back from \(old) to \(new)")
        }
        graph.onTokenDeath = { [unowned self] account in tokenDied(account) }
        for request in requests { timeline.at(request.publishedAt) { [unowned self] in publish(request) } }
        for slot in slots.indices { timeline.after(random.span(0...3 * Span.second)) { [unowned self] in start(slot) } }
        timeline.after(Span.second) { [unowned self] in causeTrouble() }
        timeline.after(Span.second) { [unowned self] in look() }
        timeline.at(plan.faultsEnd) { [unowned self] in
            changeLimits { limits, _ in limits.restore() }
            check()
        }
        while !isOver, events < Self.mostEvents, timeline.runNext() { events += 1 }
        if !isOver { violated("the run does not come to rest: \(unfinished().prefix(5))") }
        // Workers know their cluster, and the cluster its workers: without this no run would ever be freed.
        timeline.removeAll()
        group.removeAll()
        slots = []
    }

    /// Ends the run some time after the last result, so that what comes too late is seen too.
    private func check() {
        if unfinished().isEmpty {
            timeline.after(30 * Span.second) { [unowned self] in isOver = true }
        } else if timeline.now < Self.longestRun {
            timeline.after(5 * Span.second) { [unowned self] in check() }
        } else {
            violated("not all has ended: \(unfinished().prefix(5)); \(explainUnfinished())")
            isOver = true
        }
    }

    /// Looks every second at why accounts wait, while there is enough going on for a look to say something.
    private func look() {
        guard !isOver, timeline.now < plan.faultsEnd + 2 * Span.minute else { return }
        let accounts = Set(requests.map(\.account)).sorted()
        for case let replica? in slots.map(\.replica) { replica.explainAll(accounts) }
        timeline.after(Span.second) { [unowned self] in look() }
    }

    private func unfinished() -> [ModelRequest.Key] {
        let ended = Set(kafka.results.filter { kafka.isVisible($0) }.map(\.record.key))
        return requests.map(\.key).filter { !ended.contains($0) }
    }

    private func explainUnfinished() -> String {
        guard let key = unfinished().first else { return "" }
        for case let replica? in slots.map(\.replica) {
            guard let epoch = replica.decisions.epochs[key.partition] else { continue }
            let id = key.id(epoch: epoch)
            let explained = replica.decisions.engine.explain(id, now: replica.now)
            return "\(replica.name): \(explained.map { "\($0)" } ?? "unknown to it")"
        }
        return "nobody owns its partition"
    }

    private func publish(_ request: ModelRequest) {
        log[Int(request.key.partition)].append(request)
        (group.owner(of: request.key.partition) as? Worker)?.fetch(request.key.partition)
    }

    func published(in partition: Int32, from offset: Int64, atMost count: Int) -> [ModelRequest] {
        let records = log[Int(partition)]
        guard let first = records.firstIndex(where: { $0.key.offset >= offset }) else { return [] }
        return Array(records[first...].prefix(count))
    }

    // MARK: Replicas

    private func start(_ slot: Int) {
        guard slots[slot].replica == nil else { return }
        slots[slot].incarnations += 1
        let incarnation = slots[slot].incarnations
        let replica = Worker(
            name: "r\(slot).\(incarnation)",
            cluster: self,
            transactionalID: plan.isStatic ? "r\(slot)" : "r\(slot).\(incarnation)",
            random: SeededRandom(seed: random.next())
        )
        slots[slot].replica = replica
        trace("\(replica.name) starts")
        replica.join()
        replica.askBrokers()
    }

    /// A replica has ended in order; it is started again soon.
    func ended(_ replica: Worker) {
        guard let slot = slots.firstIndex(where: { $0.replica === replica }) else { return }
        trace("\(replica.name) ends")
        noteLoss(of: replica)
        replica.process.kill()
        slots[slot].replica = nil
        timeline.after(random.span(200 * Span.millisecond...4 * Span.second)) { [unowned self] in start(slot) }
    }

    /// Notes that what a replica knew and had not made durable is gone.
    func noteLoss(of replica: Worker) { losses[replica.name, default: []].append(timeline.now) }

    /// A replica writes state without a transaction.
    func noteState(of partition: Int32, by replica: Worker) {
        if group.owner(of: partition) as? Worker !== replica { overwritten.insert(partition) }
    }

    private func crash(_ slot: Int) {
        guard let replica = slots[slot].replica else { return }
        trace("\(replica.name) is killed")
        noteLoss(of: replica)
        replica.process.kill()
        slots[slot].replica = nil
        // The group waits for the dead member's session to end.
        timeline.after(plan.sessionTimeout) { [unowned self] in
            if let id = replica.memberID { group.remove(id) }
        }
        timeline.after(random.span(200 * Span.millisecond...15 * Span.second)) { [unowned self] in start(slot) }
    }

    private func pause(_ slot: Int, for length: Int64) {
        guard let replica = slots[slot].replica, !replica.process.isPaused else { return }
        trace("\(replica.name) stands still for \(length / Span.millisecond) ms")
        replica.process.pause()
        // It says that it lives as soon as it goes on.
        let beat = length + random.span(0...Span.second)
        expire(replica, within: beat)
        timeline.after(length) { [unowned self] in
            trace("\(replica.name) goes on")
            replica.process.resume()
        }
        timeline.after(beat) { [unowned self] in hearOfLoss(replica) }
    }

    private func isolate(_ slot: Int, for length: Int64) {
        guard let replica = slots[slot].replica, !replica.process.isIsolated else { return }
        trace("\(replica.name) is cut off from the brokers for \(length / Span.millisecond) ms")
        let end = timeline.now + length
        replica.process.isolate(until: end)
        // It connects again and says that it lives when that is next due; until then its session runs on.
        let beat = length + random.span(0...RunPlan.longestRevival)
        expire(replica, within: beat)
        timeline.after(beat) { [unowned self] in hearOfLoss(replica) }
        // A client that has heard nothing for the session time-out takes itself for dead.
        let patience = plan.sessionTimeout + random.span(0...200 * Span.millisecond)
        timeline.after(patience) { [unowned self] in
            guard replica.process.isolatedUntil == end, replica.process.isIsolated, !replica.process.isDead,
                !replica.process.isPaused, replica.memberID != nil
            else { return }
            lose(replica)
        }
    }

    /// A member that does not say that it lives for longer than the session time-out is taken for dead.
    private func expire(_ replica: Worker, within length: Int64) {
        // The group counts from the last heartbeat.
        let patience = plan.sessionTimeout - random.span(0...RunPlan.heartbeatInterval)
        guard length > patience, let id = replica.memberID else { return }
        let start = timeline.now
        timeline.after(patience) { [unowned self] in
            // An assignment is an answer to a member that has just asked for one.
            guard !replica.process.isDead, replica.assignedAt < start else { return }
            trace("the group takes \(replica.name) for dead")
            noteLoss(of: replica)
            group.remove(id)
        }
    }

    /// A member finds out with its next heartbeat that it was taken for dead.
    private func hearOfLoss(_ replica: Worker) {
        replica.process.hear(after: random.span(0...100 * Span.millisecond)) { [unowned self] in
            guard let id = replica.memberID, !group.isMember(id) else { return }
            lose(replica)
        }
    }

    private func lose(_ replica: Worker) {
        noteLoss(of: replica)
        if let id = replica.memberID { timeline.after(plan.sessionTimeout) { [unowned self] in group.remove(id) } }
        replica.lose()
    }

    private func expel(_ slot: Int) {
        guard let replica = slots[slot].replica, let id = replica.memberID, !replica.process.isPaused,
            !replica.process.isIsolated
        else { return }
        trace("the group forgets \(replica.name)")
        group.remove(id)
        lose(replica)
    }

    /// A replica's engine asks for a call: not for a partition that is on its way out.
    func noteDecision(_ request: ModelRequest, of replica: Worker) {
        if replica.owned[request.key.partition]?.isRevoking ?? true || replica.isStopping {
            violated("\(replica.name) calls \(request.key) while it gives the partition up")
        }
    }

    /// A replica begins a call: only the owner of a partition may, and only so many at once.
    func noteCall(_ request: ModelRequest, of replica: Worker) {
        let partition = request.key.partition
        let isOwner = replica.memberID.map { group.owns($0, partition) } ?? false
        if !isOwner { violated("\(replica.name) calls \(request.key), whose partition is not its own any more") }
        let assignedAt = replica.owned[partition]?.assignedAt ?? .max
        if !kafka.hasCommitted(partition, by: replica.name, since: assignedAt) {
            violated("\(replica.name) calls \(request.key) before a commit of this assignment has named its partition")
        }
        let running = graph.calls.suffix(200).filter { $0.caller == replica.name && $0.toldAt == nil }.count
        if running >= plan.engine.maxInFlight { violated("\(replica.name) makes more calls at once than allowed") }
    }

    // MARK: Trouble

    private func causeTrouble() {
        guard !faults.isOver else { return }
        for slot in slots.indices {
            if faults.happens(.crash) { crash(slot) }
            if faults.happens(.shortPause) { pause(slot, for: random.span(Span.millisecond...8 * Span.second)) }
            if faults.happens(.zombie) { pause(slot, for: random.span(plan.sessionTimeout...3 * plan.sessionTimeout)) }
            if faults.happens(.isolation) { isolate(slot, for: random.span(Span.second...2 * plan.sessionTimeout)) }
            if faults.happens(.expulsion) { expel(slot) }
            if faults.happens(.clockJump), let replica = slots[slot].replica {
                let jump = random.span(-10 * Span.second...10 * Span.second)
                replica.process.wallShift += jump
                jumps += abs(jump)
            }
        }
        if faults.happens(.offsetsMoved) { moveOffset() }
        if faults.happens(.rebalance) { group.rebalance(shuffles: true) }
        if faults.happens(.outage) { graph.goDown(for: random.span(Span.second...15 * Span.second)) }
        if faults.happens(.applicationInactive) { graph.deactivate(for: random.span(Span.second...15 * Span.second)) }
        if faults.happens(.rollingRestart) { restartAll() }
        if faults.happens(.limitsChanged) {
            let accounts = Set(requests.map(\.account)).sorted()
            changeLimits { limits, random in limits.change(accounts, &random) }
        }
        timeline.after(random.span(500 * Span.millisecond...2 * Span.second)) { [unowned self] in causeTrouble() }
    }

    /// A consumer that is no worker commits in the group, or somebody resets or deletes its offset.
    private func moveOffset() {
        let partition = Int32(random.number(0...plan.partitions - 1))
        let offset = random.chance(20) ? nil : Int64(random.number(0...Int(logEnd(of: partition))))
        trace("somebody moves the offset of partition \(partition) to \(offset.map { "\($0)" } ?? "none")")
        hasMovedOffsets = true
        kafka.moveOffset(partition, to: offset)
        if random.chance(50) { group.rebalance(shuffles: true) }
    }

    func logEnd(of partition: Int32) -> Int64 { log[Int(partition)].last.map { $0.key.offset + 1 } ?? 0 }

    private func changeLimits(_ change: (inout ConfiguredLimits, inout SeededRandom) -> Void) {
        change(&limits, &random)
        trace("the configured limits are \(limits)")
        for case let replica? in slots.map(\.replica) { replica.limitsChanged() }
    }

    private func restartAll() {
        trace("rolling restart")
        for slot in slots.indices {
            timeline.after(Int64(slot) * random.span(Span.second...3 * Span.second)) { [unowned self] in
                slots[slot].replica?.stop()
            }
        }
    }

    private func tokenDied(_ account: String) {
        trace("the token of account \(account) dies")
        timeline.after(random.span(500 * Span.millisecond...20 * Span.second)) { [unowned self] in
            graph.replaceToken(of: account)
            trace("the token of account \(account) is replaced")
            for case let replica? in slots.map(\.replica) { replica.tokensChanged([account]) }
        }
    }
}
