import HTTP
import Reactor

/// The client against an honest server that closes many connections and is reloaded again and again under load.
package struct NginxTrial: Sendable {
    package struct Report: Sendable {
        package var answered = 0
        package var notSent = 0
        package var unknown = 0
        /// Of those unknown, the ones that nginx served all the same.
        package var unknownAndServed = 0
        package var reloads = 0
        package var connections = 0
        package var violations: [String] = []
    }

    let seed: UInt64
    let exchanges: Int
    let inFlight: Int
    let isSecure: Bool
    /// Nil: never.
    let reloadInterval: Duration?

    package init(seed: UInt64, exchanges: Int, inFlight: Int, isSecure: Bool, reloadInterval: Duration?) {
        self.seed = seed
        self.exchanges = exchanges
        self.inFlight = inFlight
        self.isSecure = isSecure
        self.reloadInterval = reloadInterval
    }

    package static var isPossible: Bool { Nginx.binary != nil }

    package func play(_ tls: TrialTLS) async throws -> Report {
        let nginx = try Nginx(tls.certificates)
        let reactor = try Reactor(name: "trial")
        let records = CallRecords(count: exchanges)
        let caller = caller(reactor, port: isSecure ? nginx.tlsPort : nginx.plainPort, tls, records)
        reactor.execute { caller.fill() }
        var report = Report()
        // It ends by itself: no call waits longer than its own limit.
        while await !Self.value(of: caller, on: reactor, \.isDone) {
            try? await Task.sleep(for: reloadInterval ?? .milliseconds(100))
            if reloadInterval == nil { continue }
            nginx.reload()
            report.reloads += 1
        }
        report.connections = await Self.value(of: caller, on: reactor) { $0.counts?.opened ?? 0 }
        await reactor.shutdown()
        nginx.stop()
        compare(records.all, nginx.served, &report)
        // When it is reloaded, or a second is over, nginx closes what it finds idle, though a request may be in the socket
        // which it has not read. Otherwise it announces the end, or the end is seen in time.
        if reloadInterval == nil, report.unknown > 0 { report.violations.append("\(report.unknown) calls are unknown") }
        if report.unknownAndServed > 0 {
            report.violations.append("\(report.unknownAndServed) calls are unknown though nginx served them")
        }
        return report
    }

    private func caller(_ reactor: Reactor, port: Int, _ tls: TrialTLS, _ records: CallRecords) -> PoolCaller {
        var settings = HTTPClientSettings(resolver: SystemResolver())
        settings.maxConnections = inFlight
        settings.tls = tls.client
        let scheme = isSecure ? HTTPOrigin.Scheme.https : .http
        let origin = HTTPOrigin(scheme: scheme, host: "127.0.0.1", port: port)
        return PoolCaller(
            HTTPConnectionPool(reactor: reactor, origin: origin, settings: settings),
            reactor: reactor,
            // Without reloads nginx has closed all idle connections when a pause is over. With them, the pauses are as
            // long as it keeps such, so that its end and the next request may cross.
            PoolCaller.Settings(
                inFlight: inFlight,
                shutdownAfter: nil,
                shutdownLimit: .zero,
                shutdownPlace: .timer,
                pauses: 1,
                pause: reloadInterval == nil ? 3_000...4_000 : 980...1_020
            ),
            plans: CallPlans(honest: exchanges, seed: seed),
            records: records,
            ids: Array(0..<exchanges),
            draw: Draw(seed: seed, .round, 0)
        )
    }

    private static func value<Value: Sendable>(
        of caller: PoolCaller,
        on reactor: Reactor,
        _ body: @escaping @Sendable (PoolCaller) -> Value
    ) async -> Value {
        await withCheckedContinuation { continuation in
            reactor.execute { continuation.resume(returning: body(caller)) }
        }
    }

    /// Compares what the client says with the server's log.
    private func compare(_ records: [CallRecord], _ served: [String: Int], _ report: inout Report) {
        for (id, record) in records.enumerated() {
            let times = served[TrialRequest.path(id), default: 0]
            if times > 1 { report.violations.append("call \(id) was served \(times) times") }
            switch record.verdict {
            case .answered(let answer):
                report.answered += 1
                if times != 1 || answer.mark != "\(id).nginx" || answer.status != 200 || !answer.isBodyRight {
                    report.violations.append("call \(id) was answered with \(answer.mark), and served \(times) times")
                }
            case .failed(let failure) where failure.wasWritten:
                report.unknown += 1
                report.unknownAndServed += times
                if !failure.onReusedConnection { report.violations.append("call \(id), the first: \(failure.kind)") }
                if failure.kind != .reset, failure.kind != .closedByServer {
                    report.violations.append("call \(id) is unknown: \(failure.kind)")
                }
            case .failed(let failure):
                report.notSent += 1
                report.violations.append("call \(id) was not sent: \(failure.kind)")
                if times > 0 { report.violations.append("call \(id) was not sent, and served") }
            case nil: report.violations.append("call \(id) has not ended")
            }
        }
    }
}
