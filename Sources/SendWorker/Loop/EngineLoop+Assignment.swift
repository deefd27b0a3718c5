import KafkaClient
import Logging
import SendEngine

/// What the loop keeps of its partitions beside their epochs.
struct AssignmentState {
    /// Readings of the state topic that run, by the number of the assignment.
    var restores: [UInt64: (partitions: Set<Int32>, task: Task<Void, Never>)] = [:]
    /// The offset that was committed when a partition was taken over: it stands until a record has been read.
    var committedBefore: [Int32: Int64] = [:]
    /// What calls that wait for their connection hold on to.
    var leases: [Int32: AssignmentLease] = [:]

    /// Forgets partitions; a reading of which nothing is wanted any more is cancelled.
    mutating func remove(_ partitions: Set<Int32>) {
        for partition in partitions {
            committedBefore[partition] = nil
            leases.removeValue(forKey: partition)?.end()
        }
        for (epoch, restore) in restores {
            let remaining = restore.partitions.subtracting(partitions)
            restores[epoch]?.partitions = remaining
            guard remaining.isEmpty else { continue }
            restore.task.cancel()
            restores[epoch] = nil
        }
    }
}

extension EngineLoop {
    /// Reads what the last owner left behind before the first record is fetched.
    func assign(_ partitions: [Int32], epoch: UInt64) {
        for partition in partitions {
            epochs[partition] = epoch
            assignments.leases[partition] = AssignmentLease()
        }
        metrics.partitionsAssigned(partitions.count)
        logger.info(
            "partitions assigned",
            metadata: ["partitions": "\(partitions.sorted())", "epoch": "\(epoch)"]
        )
        let task = Task {
            let restored = await ports.restore(partitions)
            post(.restored(restored, epoch: epoch))
        }
        assignments.restores[epoch] = (Set(partitions), task)
    }

    func lose(_ partitions: [Int32], now: EngineTime) {
        metrics.partitionsLost(partitions.count)
        forget(partitions, now: now)
    }

    func begin(_ restored: [Int32: RestoredPartition], epoch: UInt64, now: EngineTime) {
        assignments.restores[epoch] = nil
        // What was taken away while its state was read is somebody else's by now.
        let ours = restored.filter { epochs[$0.key] == epoch }
        for (partition, state) in ours {
            assignments.committedBefore[partition] = state.committed
            engine.assign(
                partition,
                epoch: epoch,
                restored: state.snapshot,
                accounts: state.accounts,
                now: now
            )
        }
        if !ours.isEmpty { ports.consumer(.startFetching(Array(ours.keys), epoch: epoch)) }
    }
}
