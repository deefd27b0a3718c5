import InstagramMessaging
import KafkaClient
import SendEngine

/// Whether the worker's loops move and whether it can do its job.
struct WorkerHealth: Sendable {
    /// A loop that has not moved for so long has stalled, in nanoseconds.
    static let longestSilence: Int64 = 30_000_000_000
    /// The interval at which the brokers are asked, and the longest time that they may take to answer.
    static let questionInterval = Duration.seconds(2)
    private static let answerTimeout = Duration.seconds(3)

    let loop: Heartbeat
    let consumer: Heartbeat
    let contact: BrokerContact
    let commitStatus: CommitStatus
    let safety: SafetyStatus
    let restoring: RestoreStatus
    /// Whether any partition of the requests topic is assigned.
    let isAssigned: @Sendable () -> Bool
    let clock: WorkerClock

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
        if !contact.isUp { reasons.append("no Kafka broker can be reached") }
        if !isAssigned() { reasons.append("no partition is assigned") }
        if restoring.isWaitingForAll { reasons.append("the state of the assigned partitions has not been read yet") }
        if commitStatus.isOverdue { reasons.append("results cannot be committed") }
        if let reason = safety.reason { reasons.append(reason) }
        return reasons
    }

    /// Shows all this in the metrics.
    func show(in metrics: WorkerMetrics) {
        let now = clock.now.monotonic
        metrics.setBrokerUp(contact.isUp)
        metrics.setHealth(
            isReady: hindrances.isEmpty,
            engineSilence: loop.silence(at: now),
            consumerSilence: consumer.silence(at: now)
        )
    }

    /// Makes both loops beat once a second and asks the brokers again and again, until the task is cancelled. Each by
    /// itself: what hangs must not make the others look as if they hung.
    func watch(loop engineLoop: EngineLoop, consumer kafkaConsumer: KafkaConsumer) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await again(after: .seconds(1)) { engineLoop.post(.tick) } }
            tasks.addTask {
                try await again(after: .seconds(1)) {
                    await kafkaConsumer.beat()
                    consumer.beat(at: clock.now.monotonic)
                }
            }
            tasks.addTask {
                try await again(after: Self.questionInterval) {
                    let isAnswered = await kafkaConsumer.isAnswered(within: Self.answerTimeout)
                    contact.noteQuestion(isAnswered: isAnswered)
                    if isAnswered { engineLoop.post(.brokersAnswered) }
                }
            }
            try await tasks.waitForAll()
        }
    }

    private func again(after pause: Duration, _ body: () async -> Void) async throws {
        while true {
            await body()
            try await Task.sleep(for: pause)
        }
    }
}

extension KafkaConsumer {
    /// Does nothing, on the consumer's thread: returning shows that the thread moves.
    fileprivate func beat() {}
}

/// The view of the worker that the admin endpoints show.
struct AdminView: AdminProvider {
    let health: WorkerHealth
    let loop: EngineLoop
    let identity: WorkerIdentity
    let tokens: any TokenSource
    let clock: WorkerClock

    func stalls() async -> [String] { health.stalls }

    func hindrances() async -> [String] { health.hindrances }

    func status() async -> [UInt8] {
        // The loop only lends a copy: summing up is not its work.
        let recent = await loop.activity
        let now = clock.now
        let activity = recent.summary(at: now)
        return await loop.status(hindrances: health.hindrances) { [identity, tokens] json in
            identity.write(to: &json, ownBaseURLs: tokens.ownBaseURLs, now: now.wall)
            activity.write(to: &json)
        }
    }

    func resume() async -> [UInt8] { await loop.resume() }

    func account(_ id: String) async -> [UInt8]? {
        await loop.accountStatus(id) { [own = tokens.access(for: id)?.own] in own?.write(to: &$0) }
    }
}

extension AccountSettings {
    /// Writes the members of `/api/accounts/<id>` that say how the account is called, where that is not as `graph.*` says.
    /// Of a secret only that there is one.
    fileprivate func write(to json: inout JSONWriter) {
        json.member("base_url", ifPresent: baseURL)
        json.member("path_id", ifPresent: pathID)
        if appSecret != nil { json.member("own_app_secret", true) }
    }
}
