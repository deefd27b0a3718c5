import InstagramMessaging
import SendEngine
import Testing

@Suite struct RandomizedTests {
    static func settings(_ random: inout SplitMix64) -> EngineSettings {
        EngineSettings(
            limits: .init(
                messagesPerSecond: Int.random(in: 1...6, using: &random),
                mediaPerSecond: Int.random(in: 1...2, using: &random),
                privateRepliesPerHour: Int.random(in: 20...200, using: &random)
            ),
            retry: .init(maxElapsed: .seconds(60)),
            health: .init(
                throttleCooldown: .seconds(1),
                paceRecovery: .seconds(3),
                usageCooldown: .seconds(5),
                hold: .seconds(20),
                maxHold: .seconds(80)
            ),
            maxInFlight: Int.random(in: 1...12, using: &random),
            maxOutstandingPerPartition: Int.random(in: 1...40, using: &random)
        )
    }

    /// Moves the world to the next thing that happens.
    static func step(_ world: World, faults: Bool) {
        let wake = world.engine.nextWake.map { ($0 + 999_999) / 1_000_000 }
        let due = [wake, world.running.map(\.endsAt).min(), world.preparing.map(\.endsAt).min(), world.commit?.endsAt]
        if let next = due.compactMap(\.self).min(), next > world.milliseconds { world.milliseconds = next }
        if world.chance(30) { world.milliseconds += Int64.random(in: 0...50, using: &world.random) }
        world.endCalls()
        world.endCommit()
        for partition in world.partitions.keys.sorted() where world.chance(50) {
            for _ in 0..<Int.random(in: 0...6, using: &world.random) { world.read(partition) }
        }
        if faults { fault(world) }
        world.engine.advance(to: world.now)
        world.act()
        if world.chance(60) { world.startCommit() }
        if world.chance(faults ? 10 : 100) {
            world.engine.tokensChanged(world.parked.sorted(), now: world.now)
            world.parked = []
        }
        world.act()
    }

    static func fault(_ world: World) {
        let partition = Int32.random(in: 0..<Int32(world.partitions.count), using: &world.random)
        switch Int.random(in: 0..<1_000, using: &world.random) {
        case 0..<3: world.crash()
        case 3..<6: world.lose(partition)
        case 6..<10:
            world.engine.beginRevoke([partition], now: world.now)
            world.partitions[partition]?.isDraining = true
        case 10..<40 where world.partitions[partition]?.isDraining == true: world.lose(partition)
        case 40..<60: world.reread(partition)
        case 60..<62: world.wallShift += Int64.random(in: -20_000...20_000, using: &world.random)
        default: break
        }
    }

    @Test(.timeLimit(.minutes(3)), arguments: 1...60)
    func `whatever happens, the promises hold and everything ends`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let settings = Self.settings(&random)
        let world = World(seed: seed, settings: settings, records: 400, partitions: 3)
        var steps = 0
        while steps < 6_000, world.violations.isEmpty {
            Self.step(world, faults: true)
            steps += 1
        }
        world.isCalm = true
        for (partition, state) in world.partitions where state.isDraining { world.lose(partition) }
        while steps < 40_000, world.violations.isEmpty, world.isUnfinished {
            Self.step(world, faults: false)
            steps += 1
        }
        world.checkLimits()
        #expect(!world.isUnfinished, "seed \(seed): not all has ended; \(world.explainUnfinished())")
        #expect(world.violations.prefix(5).isEmpty, "seed \(seed)")
        #expect(world.callsMade > 30)
    }
}

extension World {
    var isUnfinished: Bool {
        partitions.contains { number, state in
            state.offsets.contains { records[number]?[$0]?.result == nil }
        }
    }

    func explainUnfinished() -> String {
        for (number, state) in partitions {
            for offset in state.offsets where records[number]?[offset]?.result == nil {
                let id = RecordID(partition: number, offset: offset, epoch: state.epoch)
                return "\(id): \(engine.explain(id, now: now).map { "\($0)" } ?? "not known"), \(engine.census)"
            }
        }
        return "nothing"
    }
}
