import Dispatch
import InstagramMessaging
import KafkaClient
import Reactor
import SendEngine
import Synchronization
import Testing

@testable import SendWorker

@Suite("Worker health", .timeLimit(.minutes(1)))
struct WorkerHealthTests {
    /// A health with everything in order, on a clock that a test turns.
    private final class Setting: Sendable {
        let time = Mutex<Int64>(0)
        let isAssigned = Mutex(true)
        let contact = BrokerContact()
        let commitStatus = CommitStatus()
        let safety = SafetyStatus()
        let restoring = RestoreStatus()
        let loop = Heartbeat(start: 0)
        let consumer = Heartbeat(start: 0)

        init() { contact.noteQuestion(isAnswered: true) }

        var health: WorkerHealth {
            WorkerHealth(
                loop: loop,
                consumer: consumer,
                contact: contact,
                commitStatus: commitStatus,
                safety: safety,
                restoring: restoring,
                isAssigned: { self.isAssigned.withLock { $0 } },
                clock: clock
            )
        }

        var clock: WorkerClock {
            WorkerClock(
                monotonic: { self.time.withLock { $0 } },
                wall: { Timestamp(millisecondsSinceEpoch: 0) }
            )
        }

        func pass(seconds: Int64) { time.withLock { $0 += seconds * 1_000_000_000 } }
    }

    /// Holds threads up until it is opened.
    private final class Gate: Sendable {
        private let turnstile = DispatchSemaphore(value: 0)
        let isReached = Atomic(false)

        func pass() {
            isReached.store(true, ordering: .releasing)
            turnstile.wait()
            turnstile.signal()
        }

        func open() { turnstile.signal() }
    }

    @Test("with everything in order nothing hinders the work")
    func good() {
        let setting = Setting()
        #expect(setting.health.hindrances.isEmpty)
        #expect(setting.health.stalls.isEmpty)
    }

    @Test("overdue commits, brokers out of reach, no assignment and no state each hinder it, until they are over")
    func hindrances() {
        let setting = Setting()
        setting.commitStatus.setOverdue(true)
        #expect(setting.health.hindrances == ["results cannot be committed"])
        setting.commitStatus.setOverdue(false)
        setting.contact.noteQuestion(isAnswered: false)
        #expect(setting.health.hindrances == ["no Kafka broker can be reached"])
        setting.contact.noteQuestion(isAnswered: true)
        setting.isAssigned.withLock { $0 = false }
        #expect(setting.health.hindrances == ["no partition is assigned"])
        setting.isAssigned.withLock { $0 = true }
        setting.restoring.set(isWaitingForAll: true)
        #expect(setting.health.hindrances == ["the state of the assigned partitions has not been read yet"])
        setting.restoring.set(isWaitingForAll: false)
        #expect(setting.health.hindrances.isEmpty)
    }

    @Test("none of them is a reason to restart; a loop that does not move is")
    func stalls() {
        let setting = Setting()
        setting.commitStatus.setOverdue(true)
        setting.contact.noteReport(isUp: false)
        setting.pass(seconds: 30)
        #expect(setting.health.stalls.isEmpty)
        setting.pass(seconds: 1)
        setting.loop.beat(at: setting.clock.now.monotonic)
        #expect(setting.health.stalls == ["the consumer thread has stalled"])
        setting.pass(seconds: 31)
        setting.consumer.beat(at: setting.clock.now.monotonic)
        #expect(setting.health.stalls == ["the engine loop has stalled"])
    }

    @Test("a consumer thread that hangs is found, and the engine loop goes on beating")
    func hangingConsumer() async throws {
        let setting = Setting()
        let gate = Gate()
        // Nobody listens there, so the first event comes by itself.
        let configuration = KafkaConfiguration(bootstrapServers: "127.0.0.1:9")
        let consumer = try KafkaConsumer(configuration: configuration, groupID: "g") { _ in gate.pass() }
        let stage = LoopStage(heartbeat: setting.loop, clock: setting.clock)
        try await watching(setting, stage.loop, consumer) {
            try await until { gate.isReached.load(ordering: .acquiring) }
            setting.pass(seconds: 31)
            try await until { setting.health.stalls == ["the consumer thread has stalled"] }
            gate.open()
            try await until { setting.health.stalls.isEmpty }
        }
        await consumer.close(timeout: .seconds(10))
    }

    @Test("an engine loop that hangs is found, and the consumer thread goes on beating")
    func hangingLoop() async throws {
        let setting = Setting()
        let gate = Gate()
        let configuration = KafkaConfiguration(bootstrapServers: "127.0.0.1:9")
        let consumer = try KafkaConsumer(configuration: configuration, groupID: "g") { _ in }
        let reactor = try Reactor(name: "test")
        let stage = LoopStage(reactor: reactor, heartbeat: setting.loop, clock: setting.clock)
        try await watching(setting, stage.loop, consumer) {
            stage.loop.reactor.execute { gate.pass() }
            try await until { gate.isReached.load(ordering: .acquiring) }
            setting.pass(seconds: 31)
            try await until { setting.health.stalls == ["the engine loop has stalled"] }
            gate.open()
            try await until { setting.health.stalls.isEmpty }
        }
        await consumer.close(timeout: .seconds(10))
        await reactor.shutdown()
    }

    private func watching(
        _ setting: Setting,
        _ loop: EngineLoop,
        _ consumer: KafkaConsumer,
        _ body: () async throws -> Void
    ) async throws {
        let health = setting.health
        let watch = Task { try await health.watch(loop: loop, consumer: consumer) }
        try await body()
        watch.cancel()
        _ = await watch.result
    }

    /// Waits for a condition; the time limit ends a wait that has no end.
    private func until(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test("a pause because too many accounts cannot send is a reason not to be ready, and none to restart")
    func pausedSending() {
        let setting = Setting()
        setting.safety.set("sending is paused: so")
        #expect(setting.health.hindrances == ["sending is paused: so"])
        #expect(setting.health.stalls == [])
        setting.safety.set(nil)
        #expect(setting.health.hindrances == [])
    }
}
