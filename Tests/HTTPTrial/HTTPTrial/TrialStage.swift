import Foundation
import HTTP
import Reactor

/// The client's side of a round: a pool on the reactor, and a client for tasks beside it.
struct TrialStage: Sendable {
    private let reactor: Reactor
    private let caller: PoolCaller
    private let tasks: TaskCaller

    init(_ round: TrialRound, reactor: Reactor, port: Int, plans: CallPlans, records: CallRecords) {
        let scheme = round.mode == .plain ? HTTPOrigin.Scheme.http : .https
        let originPort = round.mode == .proxy ? 443 : port
        let origin = HTTPOrigin(scheme: scheme, host: TrialCertificates.host, port: originPort)
        var settings = round.settings
        if round.mode == .proxy { settings.proxy = try? HTTPProxy("http://user:password@127.0.0.1:\(port)") }
        self.reactor = reactor
        let pooled = plans.indices.filter { !plans[$0].isAsynchronous }
        var callerSettings = round.caller
        callerSettings.shutdownAfter = pooled.count - pooled.count / 30
        caller = PoolCaller(
            HTTPConnectionPool(reactor: reactor, origin: origin, settings: settings),
            reactor: reactor,
            callerSettings,
            plans: plans,
            records: records,
            ids: pooled,
            draw: Draw(seed: round.seed, .round, 1)
        )
        tasks = TaskCaller(
            HTTPClient(reactor: reactor, settings: settings),
            base: "\(scheme.rawValue)://\(origin.authority)",
            plans: plans,
            records: records,
            ids: plans.indices.filter { plans[$0].isAsynchronous }
        )
        self.inFlight = max(round.inFlight / 8, 1)
    }

    private let inFlight: Int

    /// Makes all calls and ends the clients.
    ///
    /// - Returns: What is left behind, and how many calls the pool counts as unknown on a connection used before.
    func play() async -> (violations: [String], unknownOnReusedConnection: Int) {
        reactor.execute { [caller] in caller.fill() }
        await tasks.run(inFlight: inFlight)
        var violations: [String] = []
        if await !Wait.until(seconds: 120, { await value { $0.isDone } }) {
            violations.append("\(await value { $0.running }) calls do not end, or the shutdown does not")
        }
        let counts = await value { $0.counts }
        if let counts, counts.connecting + counts.idle + counts.busy + counts.waiting > 0 {
            violations.append("after its shutdown the pool still counts: \(counts)")
        }
        if await !Wait.until({ await value { !$0.isPoolAlive } }) {
            violations.append("the pool is left in memory: a connection, an attempt or a timer holds it")
        }
        return (violations, counts?.unknownOnReusedConnection ?? 0)
    }

    private func value<Value: Sendable>(_ body: @escaping @Sendable (PoolCaller) -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            reactor.execute { [caller] in continuation.resume(returning: body(caller)) }
        }
    }
}

enum Wait {
    /// Waits for a condition; false where it does not come true.
    static func until(seconds: Int = 20, _ condition: () async -> Bool) async -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            if await condition() { return true }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return false
    }
}

enum OpenFiles {
    /// The process's open files, sockets above all. Not those that only wait, since the system's libraries come and go with
    /// such: the reactor's own are its tests' concern.
    static var count: Int {
        #if canImport(Darwin)
        let folder = "/dev/fd"
        #else
        let folder = "/proc/self/fd"
        #endif
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.count { file in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(file)")
            return target?.hasPrefix("anon_inode:") != true
        }
    }
}
