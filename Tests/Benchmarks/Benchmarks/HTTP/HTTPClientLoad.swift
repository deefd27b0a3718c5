import HTTP
import Reactor

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// So many calls in flight until enough have ended. It lives on the pool's reactor.
///
/// The cost of a call is not that of a connection: what is measured begins once there are as many connections as calls.
final class HTTPClientLoad {
    struct Report: Sendable {
        var calls: Int
        var seconds: Double
        var processorMicrosecondsPerCall: Double
        var unknown: Int
        var firstFailure: String?

        var json: String {
            "{\"calls\":\(calls),\"seconds\":\((seconds * 1000).rounded() / 1000),"
                + "\"cpu_us_per_call\":\((processorMicrosecondsPerCall * 100).rounded() / 100),\"unknown\":\(unknown)}"
        }
    }

    private let pool: HTTPConnectionPool
    private let request: [UInt8]
    private let inFlight: Int
    private let calls: Int
    private let completion: (Report) -> Void
    private var ended = 0
    private var failed = 0
    private var firstFailure: String?
    private var start: Int64 = 0
    private var processorStart = 0.0
    /// How many calls have ended when enough are measured; nil before the measuring begins.
    private var lastCall: Int?
    private var isOver = false

    init(
        pool: HTTPConnectionPool,
        request: [UInt8],
        inFlight: Int,
        calls: Int,
        completion: @escaping (Report) -> Void
    ) {
        self.pool = pool
        self.request = request
        self.inFlight = inFlight
        self.calls = calls
        self.completion = completion
    }

    func begin() {
        for _ in 0..<inFlight { startCall() }
    }

    private func startCall() {
        pool.start(Call(self), latestStart: .max)
    }

    private func callEnded(_ ending: HTTPCallEnding) {
        switch ending {
        case .answered(let response, _):
            if response.status != 200 || response.body.isEmpty { failed += 1 }
        case .failed(let failure):
            failed += 1
            if firstFailure == nil { firstFailure = failure.words }
        }
        ended += 1
        if lastCall == nil, ended >= 2 * inFlight, pool.counts.opened >= inFlight {
            lastCall = ended + calls
            start = Reactor.monotonicNow()
            processorStart = Self.processorSeconds
        }
        if ended == lastCall { finish() }
        // So many are in flight to the end: what is measured ends while others go on.
        if !isOver { startCall() }
    }

    private func finish() {
        isOver = true
        let seconds = Double(Reactor.monotonicNow() - start) * 1e-9
        let processor = Self.processorSeconds - processorStart
        let report = Report(
            calls: calls,
            seconds: seconds,
            processorMicrosecondsPerCall: processor * 1e6 / Double(calls),
            unknown: failed,
            firstFailure: firstFailure
        )
        pool.shutdown(within: .zero) { [completion] in completion(report) }
    }

    private static var processorSeconds: Double {
        var usage = rusage()
        #if canImport(Glibc)
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        #else
        getrusage(Int32(RUSAGE_SELF), &usage)
        #endif
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private final class Call: HTTPCall {
        private let load: HTTPClientLoad

        init(_ load: HTTPClientLoad) { self.load = load }

        func writeRequest(into buffer: inout [UInt8]) -> Bool {
            if load.isOver { return false }
            buffer.append(contentsOf: load.request)
            return true
        }

        func ended(_ ending: HTTPCallEnding) -> HTTPConnectionUse {
            load.callEnded(ending)
            return .keep
        }
    }
}
