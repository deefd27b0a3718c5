import KafkaClient
import SendEngine

/// Whether the worker's loops move and whether it can do its job.
struct WorkerHealth: Sendable {
    /// A loop that has not moved for so long has stalled, in nanoseconds.
    static let longestSilence: Int64 = 30_000_000_000

    private let loop: Heartbeat
    private let consumer: Heartbeat
    private let router: ConsumerEventRouter
    private let clock: WorkerClock

    init(loop: Heartbeat, consumer: Heartbeat, router: ConsumerEventRouter, clock: WorkerClock) {
        self.loop = loop
        self.consumer = consumer
        self.router = router
        self.clock = clock
    }

    /// Why the process should be restarted; empty while both loops move.
    var stalls: [String] {
        let now = clock.now.monotonic
        var reasons: [String] = []
        if loop.silence(at: now) > Self.longestSilence { reasons.append("the engine loop has stalled") }
        if consumer.silence(at: now) > Self.longestSilence { reasons.append("the consumer thread has stalled") }
        return reasons
    }

    /// Why the worker cannot do its job now; empty where it can.
    var hindrances: [String] {
        var reasons = stalls
        if !router.isConnected { reasons.append("no Kafka broker can be reached") }
        if !router.isAssigned { reasons.append("no partition is assigned") }
        return reasons
    }

    /// Makes both loops beat once a second until the task is cancelled.
    func watch(loop engineLoop: EngineLoop, consumer kafkaConsumer: KafkaConsumer) async throws {
        while true {
            engineLoop.post(.tick)
            await kafkaConsumer.beat()
            consumer.beat(at: clock.now.monotonic)
            try await Task.sleep(for: .seconds(1))
        }
    }
}

extension KafkaConsumer {
    /// Does nothing, on the consumer's thread: returning shows that the thread moves.
    fileprivate func beat() {}
}
