import CRdKafka

/// A member of a consumer group.
///
/// The actor's executor is the one thread that makes all of its librdkafka calls and polls in between, so polling goes
/// on while partitions are paused, drained or idle. Signals are blocked on it. Events are told on that thread:
/// `onEvent` should return soon, and may call the consumer's synchronous functions through `assumeIsolated`.
///
/// Close it in the end. A consumer that is merely dropped stops polling and vanishes without leaving its group.
package actor KafkaConsumer {
    private let thread: ExecutorThread
    private let closed = Promise<Bool>()
    private var isClosing = false
    private var core: ConsumerCore?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Makes a consumer that belongs to no group before `subscribe`.
    ///
    /// - Parameters:
    ///   - configuration: Brokers and properties.
    ///   - groupID: The consumer group.
    ///   - instanceID: A name that outlives restarts, for static membership.
    ///   - maximumBatch: At most so many records in one `records` event, at least 1.
    ///   - onEvent: Takes the events, on the consumer's thread.
    /// - Throws: `KafkaConfigurationError` or `KafkaError`.
    package init(
        configuration: KafkaConfiguration,
        groupID: String,
        instanceID: String? = nil,
        maximumBatch: Int = 512,
        onEvent: @escaping @Sendable (ConsumerEvent) -> Void
    ) throws {
        let core = try ConsumerCore(
            configuration: configuration,
            role: .groupConsumer(groupID: groupID, instanceID: instanceID),
            maximumBatch: maximumBatch,
            onEvent: onEvent
        )
        let queue = core.queue
        let thread = ExecutorThread()
        self.thread = thread
        self.core = core
        thread.startPolling(
            wake: { queue.yield() },
            round: { [weak self] in self?.assumeIsolated { $0.pollRound() } ?? false }
        )
    }

    deinit { thread.stop() }

    /// Joins the group for these topics. The first join of a group takes some seconds.
    package func subscribe(to topics: [String]) throws {
        let list = PartitionList(topics.map { TopicPartition(topic: $0, partition: -1) })
        try KafkaError.check(rd_kafka_subscribe(try open("subscribe").client.pointer, list.pointer), "subscribe")
    }

    /// Says where to start reading assigned partitions; nil at the beginning of the log.
    ///
    /// May be called piece by piece: fetching starts when every partition of the assignment has been named. Until then
    /// the rebalance is not over, so commits of other partitions wait.
    ///
    /// - Parameter epoch: The assignment that is meant; nil for the one that waits.
    /// - Returns: False where a partition was not waiting to be started, because the assignment was taken back or is
    ///   older than the one that waits; such partitions are passed over.
    @discardableResult
    package func startFetching(_ partitions: [(TopicPartition, from: Int64?)], epoch: UInt64? = nil) throws -> Bool {
        let core = try open("assign")
        let areAllAwaited = core.rebalance.note(partitions, epoch: epoch)
        try core.assignIfComplete()
        return areAllAwaited
    }

    /// Takes assigned partitions in without telling anything of them before `begin`, so that the rebalance can end.
    /// Partitions that are not waiting in that assignment are passed over.
    package func startPaused(_ partitions: [TopicPartition], epoch: UInt64) throws {
        let core = try open("assign")
        core.rebalance.startPaused(partitions, epoch: epoch)
        try core.assignIfComplete()
    }

    /// Stops fetching partitions. What was fetched ahead is dropped and fetched again after `resume`.
    package func pause(_ partitions: [TopicPartition]) throws {
        let core = try open("pause")
        try core.pauseNow(core.rebalance.pause(partitions))
    }

    /// Begins to fetch a partition that was started paused.
    package func begin(_ partition: TopicPartition, at offset: Int64) throws {
        try open("seek").beginPaused(partition, at: offset)
    }

    /// Fetches partitions again that were paused; others are passed over.
    package func resume(_ partitions: [TopicPartition]) throws {
        let core = try open("resume")
        try core.resumeNow(core.rebalance.resume(partitions))
    }

    /// Gives up partitions that are being revoked; piece by piece or all at once. Others are passed over.
    package func finishRevoke(_ partitions: [TopicPartition]) throws {
        let core = try open("unassign")
        core.rebalance.release(partitions)
        try core.giveUpIfReleased()
    }

    /// The partitions that this consumer owns, each with the number of the assignment that it came with. Partitions that
    /// are being revoked are owned until that is finished.
    package func assignments() throws -> [TopicPartition: UInt64] {
        let core = try open("ownership")
        // librdkafka knows of a loss before it tells.
        guard rd_kafka_assignment_lost(core.client.pointer) == 0 else { return [:] }
        return core.rebalance.ownedSince
    }

    /// Returns where the logs of a topic's partitions begin, as the last answer to a fetch said; without asking
    /// anybody. A partition of which nothing is known is left out.
    package func logStarts(_ partitions: [Int32], of topic: String) -> [Int32: Int64] {
        guard let client = core?.client else { return [:] }
        return partitions.reduce(into: [:]) { starts, partition in
            var (low, high) = (Int64(RD_KAFKA_OFFSET_INVALID), Int64(RD_KAFKA_OFFSET_INVALID))
            guard
                rd_kafka_get_watermark_offsets(client.pointer, topic, partition, &low, &high)
                    == RD_KAFKA_RESP_ERR_NO_ERROR,
                low >= 0
            else { return }
            starts[partition] = low
        }
    }

    /// This consumer's identity within its group, and what it owns, to vouch for partitions in a transaction: take both anew
    /// for each. A consumer that lost a partition and joined its group anew must not vouch for it: the group would believe it.
    package func membership() throws -> (metadata: ConsumerGroupMetadata, assignments: [TopicPartition: UInt64]) {
        // What is still owned afterwards was owned all the while, so the identity is none of a later membership.
        let metadata = try groupMetadata()
        return (metadata, try assignments())
    }

    /// This consumer's identity within its group now.
    package func groupMetadata() throws -> ConsumerGroupMetadata {
        guard let metadata = rd_kafka_consumer_group_metadata(try open("group metadata").client.pointer) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__UNKNOWN_GROUP, operation: "group metadata")
        }
        return ConsumerGroupMetadata(consuming: metadata)
    }

    /// Commits offsets: for each partition that of the next record to read.
    ///
    /// Polling goes on meanwhile. A commit that comes in the middle of a rebalance waits for its end, except while
    /// partitions are being revoked.
    ///
    /// - Throws: `KafkaError`; `isAssignmentLost` where a partition is not this consumer's any more, in which case
    ///   nothing was committed, and `isTimeout` where the outcome is not known.
    package func commit(_ offsets: [TopicPartition: Int64], timeout: Duration = .seconds(30)) async throws {
        guard !offsets.isEmpty else { return }
        let promise = Promise<KafkaError?>()
        let number = try open("commit").commit(offsets, promise)
        guard let outcome = await promise.wait(timeout: timeout) else {
            core?.commits.forget(number)
            throw KafkaError.timeout("commit", after: timeout)
        }
        if let outcome { throw outcome }
    }

    /// The group's committed offsets, as the broker knows them; a partition without one is left out.
    package func committedOffsets(
        _ partitions: [TopicPartition],
        timeout: Duration = .seconds(10)
    ) async throws -> [TopicPartition: Int64] {
        try await committed(partitions, timeout: timeout).mapValues(\.offset)
    }

    /// The same with what was committed beside them.
    package func committed(
        _ partitions: [TopicPartition],
        timeout: Duration = .seconds(10)
    ) async throws -> [TopicPartition: CommittedOffset] {
        guard !partitions.isEmpty else { return [:] }
        // On a thread of its own, because it blocks and this one has to poll; it changes nothing in the consumer.
        let result = try await open("committed offsets").client.onOwnThread {
            client -> Result<[TopicPartition: CommittedOffset], KafkaError> in
            let list = PartitionList(partitions)
            return Result { () throws(KafkaError) in
                let code = rd_kafka_committed(client, list.pointer, timeout.cMilliseconds)
                try KafkaError.check(code, "committed offsets")
                try list.check("committed offsets")
                return list.committed
            }
        }
        return try result.get()
    }

    /// Makes sure that this client may read for its group, without joining it: asks for the commit of a partition that the
    /// topic does not have. Brokers look at rights first, and refuse the commit then, so nothing is written.
    ///
    /// - Throws: `KafkaError`: what the brokers refuse for want of a right (`groupAuthorization`, `topicAuthorization`), or
    ///   why nobody answered.
    package func checkGroupRights(topic: String, timeout: Duration) async throws {
        let promise = Promise<KafkaError?>()
        let number = try open("rights to the group")
            .askToCommit(TopicPartition(topic: topic, partition: Int32.max - 1), promise)
        guard let outcome = await promise.wait(timeout: timeout) else {
            core?.commits.forget(number)
            throw KafkaError.timeout("rights to the group", after: timeout)
        }
        guard let outcome, !outcome.isUnknownPartition else { return }
        throw outcome
    }

    /// Returns where the logs of partitions begin and end, as their leaders say now; without those that there are not,
    /// and those whose leaders have not answered in time.
    package func logs(
        of partitions: [TopicPartition],
        timeout: Duration = .seconds(5)
    ) async throws -> [TopicPartition: Watermarks] {
        try await open("log ends").client.onOwnThread { client in
            let deadline = ContinuousClock.now + timeout
            var logs: [TopicPartition: Watermarks] = [:]
            for partition in partitions {
                let left = deadline - .now
                guard left > .zero else { break }
                logs[partition] = try? Watermarks.query(partition, of: client, timeout: left)
            }
            return logs
        }
    }

    /// Whether a broker answers a question (about topics' metadata) in this time; false once the consumer is closed.
    ///
    /// Polling goes on meanwhile. What this asks for is the one sign of life that librdkafka does not give by itself: a
    /// network that swallows everything is otherwise noticed when a request times out, after a minute.
    package func isAnswered(within timeout: Duration) async -> Bool {
        guard let client = core?.client else { return false }
        return await client.onOwnThread { ReachabilityMonitor.answers($0, timeout: timeout) }
    }

    /// Leaves the group and frees everything.
    ///
    /// The assigned partitions are revoked first: `revoking` events come, and `finishRevoke` is awaited for about three
    /// quarters of the time. Those not released by then are reported as `lost` and given up. A part that hangs is left
    /// behind on a thread of its own. Every function throws from then on.
    ///
    /// - Parameter timeout: The longest time that this takes.
    /// - Returns: True where the group was left in order and all was freed in time.
    @discardableResult
    package func close(timeout: Duration) async -> Bool {
        guard !isClosing else { return await closed.wait(timeout: timeout) ?? false }
        isClosing = true
        let deadline = ContinuousClock.now + timeout
        let hasLeft = await leaveGroup(timeout: timeout, deadline: deadline)
        let destroyed = discardCore()
        let isFreed = await destroyed?.wait(timeout: deadline - .now) ?? false
        closed.fulfil(hasLeft && isFreed)
        return hasLeft && isFreed
    }

    /// A function of its own, so that nothing here holds the client any more when its end is awaited.
    private func leaveGroup(timeout: Duration, deadline: ContinuousClock.Instant) async -> Bool {
        guard let core else { return false }
        core.leave()
        let hasLeft = await core.left.wait(timeout: timeout * 3 / 4) ?? false
        core.beginClose()
        let hasEnded = await core.ended.wait(timeout: deadline - .now) ?? false
        return hasLeft && hasEnded
    }

    private func discardCore() -> Promise<Bool>? {
        thread.stopPolling()
        core?.commits.failAll(KafkaError.closed("commit"))
        defer { core = nil }
        return core?.client.destroyed
    }

    private func open(_ operation: String) throws -> ConsumerCore {
        guard let core else { throw KafkaError.closed(operation) }
        return core
    }

    private func pollRound() -> Bool {
        guard let core else { return false }
        core.pollRound()
        return true
    }
}

/// An event that a consumer tells the application, in the order in which it happened.
package enum ConsumerEvent: Sendable {
    /// The records that one round of polling brought: one or more, in offset order within each partition.
    ///
    /// Only of partitions that are assigned and not being revoked. A record may still come after its partition was
    /// paused.
    case records([KafkaRecord])
    /// These partitions were added to the assignment. Fetching begins with `startFetching`, which must follow.
    ///
    /// The list may be empty: the group has met and nothing was added. `epoch` rises with every assignment.
    case assigned([TopicPartition], epoch: UInt64)
    /// These partitions are to be given up: drain, commit, then call `finishRevoke`. No more records of them come.
    case revoking([TopicPartition])
    /// These partitions belong to somebody else already: nothing of theirs can be committed any more.
    case lost([TopicPartition], LossCause)
    /// No broker can be reached; told once. The consumer goes on trying by itself.
    case brokersDown(KafkaError)
    /// A broker answers again; told once after each `brokersDown`.
    case brokersUp
    /// Something else went wrong. A fatal error ends the consumer: close it and make a new one.
    case failure(KafkaError)
    /// librdkafka's statistics as JSON, where `statistics.interval.ms` is set.
    case statistics(String)
}

/// The cause for which partitions are a consumer's own no longer, without a drain.
package enum LossCause: Sendable, Hashable {
    /// The group went on without this member, in librdkafka's words: the session timed out, a commit or a heartbeat was
    /// refused.
    case group(String)
    /// The group took them back before they had been started.
    case takenBack
    /// The consumer closes, and they were not given up in time.
    case closing
}

/// A consumer's identity within its group at one moment: a transaction that commits its offsets is fenced by it.
///
/// Take it afresh for each transaction. Lifetime: the C object is destroyed with this one and does not need the
/// consumer.
///
/// `@unchecked Sendable`: the C object never changes once it is made.
package final class ConsumerGroupMetadata: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes over the C object.
    init(consuming pointer: OpaquePointer) {
        self.pointer = pointer
    }

    /// Makes metadata of nobody within the group: nothing fences what is committed with it, so it is for what is aborted.
    package init(outsideOf group: String) throws(KafkaError) {
        guard let pointer = rd_kafka_consumer_group_metadata_new(group) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, operation: "group metadata")
        }
        self.pointer = pointer
    }

    deinit { rd_kafka_consumer_group_metadata_destroy(pointer) }
}
