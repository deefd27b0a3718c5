/// The partitions that a consumer owns, and those of them that are changing hands. Pure: it says what is to be done,
/// others do it.
struct RebalanceState {
    /// Partitions that were assigned and wait for the application to say where to start.
    struct Arrival {
        var partitions: [TopicPartition]
        var epoch: UInt64
        var isCooperative: Bool
        /// The offsets to start at, for the partitions named so far; `.some(nil)` at the beginning of the log.
        var starts: [TopicPartition: Int64?] = [:]

        var isComplete: Bool { starts.count == partitions.count }
    }

    /// Partitions that were revoked and wait for the application to be done with them.
    struct Departure {
        var partitions: [TopicPartition]
        var remaining: Set<TopicPartition>
        var isCooperative: Bool
    }

    /// The partitions that librdkafka fetches for us, with the number of the assignment that each came with.
    private(set) var ownedSince: [TopicPartition: UInt64] = [:]
    private(set) var arrival: Arrival?
    private(set) var departure: Departure?
    private(set) var epoch: UInt64 = 0
    /// The partitions that the application wants paused.
    private(set) var paused: Set<TopicPartition> = []
    /// Taken in before anybody knows where to begin: nothing that is read of them meanwhile is for the application.
    private var startedPaused: Set<TopicPartition> = []
    /// The partitions that librdkafka holds paused; 2.0 keeps the mark when a partition goes and comes back.
    private var marked: Set<TopicPartition> = []
    /// A cooperative revocation is done and the assignment that ends the rebalance has not come yet.
    private var awaitsAssignment = false

    /// Whether a commit would fall between the start and the end of a rebalance, where it can cost the assignment.
    var defersCommits: Bool { departure == nil && (arrival != nil || awaitsAssignment) }

    /// The partitions that librdkafka fetches for us.
    var owned: Set<TopicPartition> { Set(ownedSince.keys) }

    func owns(_ partition: TopicPartition) -> Bool { ownedSince[partition] != nil }

    /// Whether nothing is owned and nothing is changing hands.
    var isEmpty: Bool { ownedSince.isEmpty && arrival == nil && departure == nil }

    /// Whether a record of the partition is for the application.
    func delivers(_ partition: TopicPartition) -> Bool {
        owns(partition) && departure?.partitions.contains(partition) != true && !startedPaused.contains(partition)
    }

    mutating func arrive(_ partitions: [TopicPartition], isCooperative: Bool) -> UInt64 {
        epoch += 1
        arrival = Arrival(partitions: partitions, epoch: epoch, isCooperative: isCooperative)
        return epoch
    }

    /// Notes where to start; false where a partition is not waiting for it in that epoch.
    mutating func note(_ starts: [(TopicPartition, from: Int64?)], epoch: UInt64?) -> Bool {
        guard var arrival, epoch == nil || epoch == arrival.epoch else { return starts.isEmpty }
        var areAllAwaited = true
        let awaited = Set(arrival.partitions)
        for (partition, offset) in starts {
            if awaited.contains(partition) {
                arrival.starts[partition] = .some(offset)
            } else {
                areAllAwaited = false
            }
        }
        self.arrival = arrival
        return areAllAwaited
    }

    /// Notes that partitions which wait in that epoch are paused at first, wherever they will start.
    mutating func startPaused(_ partitions: [TopicPartition], epoch: UInt64) {
        guard let arrival, arrival.epoch == epoch else { return }
        let waiting = partitions.filter { arrival.partitions.contains($0) && arrival.starts[$0] == nil }
        paused.formUnion(waiting)
        startedPaused.formUnion(waiting)
        // A number, for which librdkafka asks nobody: the answer to a question could come after the place to begin is
        // named, and count in its stead.
        _ = note(waiting.map { ($0, from: 0) }, epoch: epoch)
    }

    /// The assignment has been made.
    ///
    /// - Returns: What to pause and what to resume in librdkafka, so that it agrees with what the application wants.
    mutating func finishArrival(_ done: Arrival) -> (pause: [TopicPartition], resume: [TopicPartition]) {
        arrival = nil
        awaitsAssignment = false
        if !done.isCooperative { ownedSince = [:] }
        for partition in done.partitions { ownedSince[partition] = done.epoch }
        let pause = done.partitions.filter(paused.contains)
        let resume = done.partitions.filter { marked.contains($0) && !paused.contains($0) }
        marked.formUnion(pause)
        marked.subtract(resume)
        return (pause, resume)
    }

    /// Takes back an assignment that never began; nil where there is none.
    mutating func cancelArrival() -> [TopicPartition]? {
        defer {
            arrival = nil
            paused = paused.filter(owns)
            startedPaused = startedPaused.filter(owns)
        }
        return arrival?.partitions
    }

    mutating func depart(_ partitions: [TopicPartition], isCooperative: Bool) {
        departure = Departure(partitions: partitions, remaining: Set(partitions), isCooperative: isCooperative)
    }

    /// Notes that the application is done with partitions.
    mutating func release(_ partitions: [TopicPartition]) {
        departure?.remaining.subtract(partitions)
    }

    /// The partitions have been given back to librdkafka.
    mutating func finishDeparture(_ partitions: [TopicPartition], isCooperative: Bool) {
        departure = nil
        awaitsAssignment = isCooperative
        if isCooperative { for partition in partitions { ownedSince[partition] = nil } } else { ownedSince = [:] }
        paused = paused.filter(owns)
        startedPaused = startedPaused.filter(owns)
    }

    /// A partition that was started paused begins: it is read from the right place on.
    mutating func begin(_ partition: TopicPartition) -> [TopicPartition] {
        startedPaused.remove(partition)
        return resume([partition])
    }

    /// Returns what to pause in librdkafka; those that are only arriving are paused once they are there.
    mutating func pause(_ partitions: [TopicPartition]) -> [TopicPartition] {
        let arriving = Set(arrival?.partitions ?? [])
        let now = partitions.filter { owns($0) && !marked.contains($0) }
        paused.formUnion(partitions.filter { owns($0) || arriving.contains($0) })
        marked.formUnion(now)
        return now
    }

    /// Returns what to resume in librdkafka: only what was paused.
    mutating func resume(_ partitions: [TopicPartition]) -> [TopicPartition] {
        let now = partitions.filter { paused.contains($0) && marked.contains($0) && owns($0) }
        paused.subtract(partitions)
        marked.subtract(now)
        return now
    }
}
