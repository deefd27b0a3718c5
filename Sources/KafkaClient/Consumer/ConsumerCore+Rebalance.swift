import CRdKafka
import Synchronization

extension ConsumerCore {
    /// The rebalance callback, from within a poll.
    func take(rebalance code: rd_kafka_resp_err_t, of partitions: [TopicPartition]) {
        let isCooperative = rd_kafka_rebalance_protocol(client.pointer).map { String(cString: $0) } == "COOPERATIVE"
        switch code {
        case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
            arrive(partitions, isCooperative: isCooperative)
        case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
            depart(partitions, isCooperative: isCooperative)
        default:
            report(.failure(KafkaError(code, operation: "rebalance")))
            reportFailure { () throws(KafkaError) in try giveUp(Array(rebalance.owned), isCooperative: false) }
        }
    }

    private func arrive(_ partitions: [TopicPartition], isCooperative: Bool) {
        let epoch = rebalance.arrive(partitions, isCooperative: isCooperative)
        guard phase == .running else {
            // An assignment that comes while we leave: taken without fetching, so that it can be given back.
            reportFailure { () throws(KafkaError) in
                try assign(RebalanceState.Arrival(partitions: [], epoch: epoch, isCooperative: isCooperative))
            }
            return
        }
        report(.assigned(partitions, epoch: epoch))
        if partitions.isEmpty { reportFailure { () throws(KafkaError) in try assignIfComplete() } }
    }

    private func depart(_ partitions: [TopicPartition], isCooperative: Bool) {
        let cancelled = rebalance.cancelArrival() ?? []
        let earlier = rebalance.departure?.partitions ?? []
        let owned = partitions.filter(rebalance.owns)
        let isLost = rd_kafka_assignment_lost(client.pointer) != 0
        let cause = isLost ? lossCause : phase == .closing ? .closing : .takenBack
        if !cancelled.isEmpty { report(.lost(cancelled, cause)) }
        if owned.isEmpty || isLost || phase == .closing {
            if !owned.isEmpty { report(.lost(owned, cause)) }
            reportFailure { () throws(KafkaError) in try giveUp(owned, isCooperative: isCooperative) }
            return
        }
        let news = owned.filter { !earlier.contains($0) }
        rebalance.depart(owned, isCooperative: isCooperative)
        if !news.isEmpty { report(.revoking(news)) }
    }

    /// Makes the assignment once the application has said of all its partitions where to start.
    func assignIfComplete() throws(KafkaError) {
        guard let arrival = rebalance.arrival, arrival.isComplete else { return }
        try assign(arrival)
    }

    /// Makes an assignment; without partitions it only ends the rebalance that waits for us.
    func assign(_ arrival: RebalanceState.Arrival) throws(KafkaError) {
        // Always with a place: asked to find out itself where the group has come to, librdkafka (seen with 2.0.2; open
        // in its issue 5586) takes a refusal by a coordinator that has just moved for an answer to come, fetches nothing
        // of the partition ever after, and cannot leave the assignment either.
        var offsets: [TopicPartition: Int64] = [:]
        for partition in arrival.partitions {
            offsets[partition] = (arrival.starts[partition] ?? nil) ?? Int64(RD_KAFKA_OFFSET_BEGINNING)
        }
        let list = PartitionList(offsets)
        if arrival.isCooperative {
            try KafkaError.check(consuming: rd_kafka_incremental_assign(client.pointer, list.pointer), "assign")
        } else {
            try KafkaError.check(rd_kafka_assign(client.pointer, list.pointer), "assign")
        }
        let change = rebalance.finishArrival(arrival)
        try pauseNow(change.pause)
        try resumeNow(change.resume)
    }

    /// Gives revoked partitions up once the application is done with all of them.
    func giveUpIfReleased() throws(KafkaError) {
        guard let departure = rebalance.departure, departure.remaining.isEmpty else { return }
        try giveUp(departure.partitions, isCooperative: departure.isCooperative)
    }

    /// The session may end while the application still drains; nobody else would tell it.
    func giveUpWhatWasLost() {
        guard let departure = rebalance.departure, rd_kafka_assignment_lost(client.pointer) != 0 else { return }
        report(.lost(departure.partitions, lossCause))
        reportFailure { () throws(KafkaError) in
            try giveUp(departure.partitions, isCooperative: departure.isCooperative)
        }
    }

    /// The cause for which librdkafka gave the assignment up.
    private var lossCause: LossCause { .group(losses.reason ?? "librdkafka does not say why") }

    func giveUp(_ partitions: [TopicPartition], isCooperative: Bool) throws(KafkaError) {
        rebalance.finishDeparture(partitions, isCooperative: isCooperative)
        if isCooperative {
            let list = PartitionList(partitions)
            try KafkaError.check(consuming: rd_kafka_incremental_unassign(client.pointer, list.pointer), "unassign")
        } else {
            try KafkaError.check(rd_kafka_assign(client.pointer, nil), "unassign")
        }
    }

    func pauseNow(_ partitions: [TopicPartition]) throws(KafkaError) {
        guard !partitions.isEmpty else { return }
        let list = PartitionList(partitions)
        try KafkaError.check(rd_kafka_pause_partitions(client.pointer, list.pointer), "pause")
        try list.check("pause")
    }

    func resumeNow(_ partitions: [TopicPartition]) throws(KafkaError) {
        guard !partitions.isEmpty else { return }
        let list = PartitionList(partitions)
        try KafkaError.check(rd_kafka_resume_partitions(client.pointer, list.pointer), "resume")
        try list.check("resume")
    }

    /// Has a partition that was started paused begin at an offset, as soon as librdkafka can: it has to have taken it in first.
    func beginPaused(_ partition: TopicPartition, at offset: Int64) {
        pausedBeginnings[partition] = offset
        beginPaused()
    }

    func beginPaused() {
        for (partition, offset) in pausedBeginnings {
            guard rebalance.owns(partition) else {
                // Not there yet, or not any more.
                if rebalance.arrival == nil { pausedBeginnings[partition] = nil }
                continue
            }
            // What is refused is tried again with the next poll.
            guard (try? seek(partition, to: offset)) != nil else { continue }
            pausedBeginnings[partition] = nil
            reportFailure { () throws(KafkaError) in try resumeNow(rebalance.begin(partition)) }
        }
    }

    private func seek(_ partition: TopicPartition, to offset: Int64) throws(KafkaError) {
        let list = PartitionList([partition: offset])
        try KafkaError.check(consuming: rd_kafka_seek_partitions(client.pointer, list.pointer, 1_000), "seek")
        try list.check("seek")
    }

    func reportFailure(_ body: () throws(KafkaError) -> Void) {
        do { try body() } catch { report(.failure(error)) }
    }
}

/// The reasons for which librdkafka gives assignments up. It says them nowhere but in a debug line, before it tells of
/// the loss.
final class LossReasons: Sendable {
    /// The debug contexts that give these lines: a few around each rebalance and one for each heartbeat.
    static let debugContexts = ["cgrp"]

    private static let debugLevel = 7
    private static let facility = "LOST"
    private static let introduction = " lost: "

    private let latest = Mutex<String?>(nil)
    private let onLog: (@Sendable (KafkaLogLine) -> Void)?
    /// Whether the user has asked for debug lines.
    private let passesDebugLines: Bool

    init(_ configuration: KafkaConfiguration) {
        onLog = configuration.onLog
        passesDebugLines = configuration.properties.contains { $0.name == "debug" && !$0.value.isEmpty }
    }

    /// The last reason that was given, in librdkafka's words.
    var reason: String? { latest.withLock { $0 } }

    /// Takes a line of librdkafka's log on any thread, and passes it on where it is for the user.
    func take(_ line: KafkaLogLine) {
        if line.facility == Self.facility, let start = line.message.firstRange(of: Self.introduction)?.upperBound {
            latest.withLock { $0 = String(line.message[start...]) }
        }
        if line.level < Self.debugLevel || passesDebugLines { onLog?(line) }
    }
}
