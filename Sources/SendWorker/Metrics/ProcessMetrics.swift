import InstagramMessaging
import Telemetry

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The process, under the names that every Prometheus client library has for it, and whether its loops move.
struct ProcessMetrics: Sendable {
    static let cpu = MetricDeclaration.counter(
        "process_cpu_seconds_total",
        unit: .seconds,
        "User and system CPU time spent."
    )
    static let residentMemory = MetricDeclaration.gauge(
        "process_resident_memory_bytes",
        unit: .bytes,
        "Memory of the process that is in RAM; Linux only."
    )
    static let openDescriptors = MetricDeclaration.gauge("process_open_fds", "Open file descriptors; Linux only.")
    static let maximumDescriptors = MetricDeclaration.gauge(
        "process_max_fds",
        "How many file descriptors may be open; Linux only."
    )
    static let threads = MetricDeclaration.gauge("process_threads", "Threads of the process; Linux only.")
    static let startTime = MetricDeclaration.gauge(
        "process_start_time_seconds",
        unit: .seconds,
        "When the worker was started, in seconds since 1970."
    )
    static let ready = MetricDeclaration.gauge("send_worker_ready", "1 while /readyz says ready, else 0.")
    static let turns = MetricDeclaration.histogram(
        "send_worker_loop_turn_seconds",
        unit: .seconds,
        buckets: [0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1],
        "Time that the engine's loop took for what came up at once: answers, decisions, calls. No other call moves meanwhile."
    )
    static let silence = MetricDeclaration.gauge(
        "send_worker_loop_silence_seconds",
        labels: ["loop"],
        unit: .seconds,
        "How long a loop has not moved; at 30 s /healthz fails."
    )

    static let all = [
        cpu, residentMemory, openDescriptors, maximumDescriptors, threads, startTime, ready, turns, silence,
    ]

    private let registry: MetricsRegistry
    private let cpu: RunningTotal
    private let startTime: Gauge
    private let ready: Gauge
    private let loopSilence: Gauge
    private let consumerSilence: Gauge

    init(_ registry: MetricsRegistry) {
        self.registry = registry
        cpu = registry.total(Self.cpu)
        startTime = registry.gauge(Self.startTime)
        ready = registry.gauge(Self.ready)
        loopSilence = registry.gauge(Self.silence, "engine")
        consumerSilence = registry.gauge(Self.silence, "consumer")
    }

    func start(at time: Timestamp) { startTime.record(Double(time.millisecondsSinceEpoch) / 1_000) }

    func show(_ reading: ProcessReading) {
        cpu.reach(reading.cpuSeconds)
        // What the system does not tell has no series.
        let values = [
            (Self.residentMemory, reading.residentBytes), (Self.openDescriptors, reading.openDescriptors),
            (Self.maximumDescriptors, reading.maximumDescriptors), (Self.threads, reading.threads),
        ]
        for (metric, value) in values {
            if let value { registry.gauge(metric).record(value) } else { registry.remove(metric) }
        }
    }

    func show(isReady: Bool, engineSilence: Int64, consumerSilence: Int64) {
        ready.record(isReady ? 1 : 0)
        loopSilence.record(nanoseconds: engineSilence)
        self.consumerSilence.record(nanoseconds: consumerSilence)
    }
}

/// The operating system's figures of this process. Only Linux tells all of them.
struct ProcessReading: Sendable {
    /// User and system time since the start, in seconds.
    var cpuSeconds: Double
    /// Nil where the system has no `/proc`.
    var residentBytes: Int?
    var openDescriptors: Int?
    var maximumDescriptors: Int?
    var threads: Int?

    /// Reads it now.
    init() {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        cpuSeconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        let status = Self.lines(of: "/proc/self/status")
        residentBytes = Self.number(after: "VmRSS:", in: status).map { $0 * 1024 }
        threads = Self.number(after: "Threads:", in: status)
        openDescriptors = Self.entries(of: "/proc/self/fd")
        maximumDescriptors = Self.number(after: "Max open files", in: Self.lines(of: "/proc/self/limits"))
    }

    /// The first number behind a line's beginning; nil where there is no such line, or "unlimited" stands there.
    static func number(after beginning: String, in lines: [Substring]) -> Int? {
        guard let line = lines.first(where: { $0.hasPrefix(beginning) }) else { return nil }
        return line.dropFirst(beginning.count).split { $0 == " " || $0 == "\t" }.first.flatMap { Int($0) }
    }

    private static func lines(of path: String) -> [Substring] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        // Both files have less than 2 KB.
        var bytes = [UInt8](repeating: 0, count: 8_192)
        let count = read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return [] }
        return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
    }

    private static func entries(of path: String) -> Int? {
        guard let folder = opendir(path) else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Not the two that stand for folders, nor the one that was opened for this.
        return max(count - 3, 0)
    }
}
