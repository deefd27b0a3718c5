import HTTP
import OpenSSL
import Reactor

/// Some thousand exchanges with one hostile server and one pool, from their opening to their end, drawn from one seed.
package struct TrialRound: Sendable {
    package static let exchanges = 2_000

    let seed: UInt64
    let mode: TrialMode
    let exchanges: Int
    let inFlight: Int
    let settings: HTTPClientSettings
    let server: HostileServer.Settings
    let caller: PoolCaller.Settings
    let namesMayFail: Bool
    let hasDeadAddress: Bool

    package init(seed: UInt64, mode: TrialMode, exchanges: Int = Self.exchanges, inFlight: Int, tls: TrialTLS) {
        var draw = Draw(seed: seed, .round, 0)
        self.seed = seed
        self.mode = mode
        self.exchanges = exchanges
        self.inFlight = inFlight
        namesMayFail = mode != .proxy && draw.isHit(percent: 20)
        hasDeadAddress = draw.isHit(percent: 30)
        let resolver = TrialResolver(seed: seed, fails: namesMayFail, hasDeadAddress: hasDeadAddress)
        settings = Self.settings(&draw, inFlight: inFlight, tls: tls, resolver: resolver)
        let isWild = draw.isHit(percent: 30)
        server = HostileServer.Settings(
            seed: seed,
            mode: mode,
            connectionFaults: draw.number(in: isWild ? 10...40 : 0...8),
            idleFaults: draw.one(of: [0, 5, 15, 40]),
            proxyFaults: draw.number(in: 0...30),
            closesPort: draw.isHit(percent: 30)
        )
        caller = PoolCaller.Settings(
            inFlight: inFlight,
            shutdownAfter: nil,
            shutdownLimit: .milliseconds(draw.one(of: [0, 1, 20, 200, 60_000])),
            shutdownPlace: draw.one(of: PoolCaller.ShutdownPlace.allCases),
            pauses: draw.one(of: [0, 20, 100])
        )
    }

    private static func settings(
        _ draw: inout Draw,
        inFlight: Int,
        tls: TrialTLS,
        resolver: TrialResolver
    ) -> HTTPClientSettings {
        var settings = HTTPClientSettings(resolver: resolver)
        settings.connectTimeout = .milliseconds(draw.number(in: 300...1_500))
        settings.responseTimeout = .seconds(20)
        settings.maxConnections = draw.one(of: [inFlight, inFlight + 10, max(inFlight / 2, 1), 8])
        settings.maxConnecting = draw.one(of: [64, 16, 4])
        settings.idleTimeout = .milliseconds(draw.one(of: [5, 50, 1_000, 10_000]))
        settings.maxConnectionAge = .milliseconds(draw.one(of: [30, 500, 5_000, 300_000]))
        settings.tls = tls.client
        return settings
    }
}

/// The server's and the client's sides of TLS, made once.
package final class TrialTLS: Sendable {
    let certificates: TrialCertificates
    let contexts: ServerContexts
    let client: TLSContext

    package init() throws {
        certificates = try TrialCertificates()
        contexts = try ServerContexts(certificates)
        client = try TLSContext.client(caFile: certificates.trusted)
    }

    deinit { certificates.remove() }
}

/// A resolver for the one host of the trial, which now and then does not know it.
private final class TrialResolver: HostResolver {
    private let seed: UInt64
    private let fails: Bool
    private let hasDeadAddress: Bool

    init(seed: UInt64, fails: Bool, hasDeadAddress: Bool) {
        self.seed = seed
        self.fails = fails
        self.hasDeadAddress = hasDeadAddress
    }

    func resolve(_ host: String, port: Int, on reactor: Reactor, completion: @escaping Completion) {
        // Nobody listens at the second one, so that it refuses.
        let hosts = hasDeadAddress ? ["127.0.0.1", "127.0.0.9"] : ["127.0.0.1"]
        let addresses = hosts.compactMap { SocketAddress(ipAddress: $0, port: port) }
        var draw = Draw(seed: seed, .resolver, reactor.turns)
        let failure = ResolveError(kind: draw.isHit(percent: 50) ? .temporary : .notFound, words: "no answer")
        let answer: Result<[SocketAddress], ResolveError> =
            fails && draw.isHit(percent: 30) ? .failure(failure) : .success(addresses)
        reactor.schedule(at: reactor.now + draw.number(in: 0...10).milliseconds) { completion(answer) }
    }
}

extension TrialRound {
    /// The command that plays it again.
    package var command: String {
        let size = "--exchanges \(exchanges) --in-flight \(inFlight)"
        return "http-trial --mode \(mode.rawValue) --seed \(seed) \(size)"
    }

    /// Plays the round on a reactor of its own and compares what both sides say.
    ///
    /// - Parameter isAlone: Whether nothing else in the process opens files: those that are left open are counted then.
    package func play(_ tls: TrialTLS, isAlone: Bool) async throws -> TrialReport {
        let files = OpenFiles.count
        let plans = CallPlans(count: exchanges, seed: seed, mode: mode)
        let sightings = Sightings(count: exchanges)
        let server = try HostileServer(server, plans: plans, sightings: sightings, contexts: tls.contexts)
        let records = CallRecords(count: exchanges)
        let reactor = try Reactor(name: "trial")
        let stage = TrialStage(self, reactor: reactor, port: server.port, plans: plans, records: records)
        var (violations, counted) = await stage.play()
        server.stop()
        if await !Wait.until({ sightings.live == 0 }) {
            violations.append("\(sightings.live) connections are left open")
        }
        await reactor.shutdown()
        if await !Wait.until({ records.alive == 0 }) { violations.append("\(records.alive) calls are left in memory") }
        if isAlone, await !Wait.until({ OpenFiles.count <= files }) {
            violations.append("\(OpenFiles.count) files are open, \(files) were before")
        }
        var report = TrialReport(plans, records.all, sightings, conditions(strays: sightings.strays))
        report.violations += violations
        if report.total.sum != exchanges { report.violations.append("\(report.total.sum) of \(exchanges) calls ended") }
        if counted != report.unknownOnReusedConnection {
            report.violations.append(
                "the pool counts \(counted) unknown calls on reused connections, \(report.unknownOnReusedConnection) were told"
            )
        }
        return report
    }

    private func conditions(strays: Int) -> Comparison.Conditions {
        Comparison.Conditions(
            isSecure: mode != .plain,
            isProxied: mode == .proxy,
            mayBeRefused: server.closesPort || hasDeadAddress,
            namesMayFail: namesMayFail,
            connectTimeout: settings.connectTimeout,
            maxConnectionAge: settings.maxConnectionAge,
            strays: strays
        )
    }
}
