internal import ClusterSimulation
internal import CommandLineParser
internal import Dispatch

/// Sums up runs.
struct Tally {
    private(set) var runs = 0
    private(set) var failures = 0
    private(set) var firstFailure: Int?
    private var requests = 0
    private var calls = 0
    private var duplicatesByLoss = 0
    private var announcedDuplicates = 0
    private var virtualSeconds = 0
    private var faults: [Fault: Int] = [:]
    private var guarantees: [Guarantee: Int] = [:]
    private var shownAt: UInt64 = 0

    mutating func add(_ report: RunReport) {
        runs += 1
        requests += report.requests
        calls += report.calls
        duplicatesByLoss += report.duplicatesByLoss
        announcedDuplicates += report.announcedDuplicates
        virtualSeconds += Int(report.length / 1_000_000_000)
        faults.merge(report.faults, uniquingKeysWith: +)
        guarantees[report.guarantee, default: 0] += 1
        guard !report.violations.isEmpty else { return }
        failures += 1
        if failures <= 10 {
            print("seed \(report.seed) breaks \(report.violations.count) promises, among them:")
            for violation in report.violations.prefix(3) { print("    \(violation)") }
            print("    replay: make simulate SEED=\(report.seed) TRACE=1")
        }
    }

    mutating func progress(of seeds: UInt64, since started: UInt64) {
        let now = DispatchTime.now().uptimeNanoseconds
        guard now - shownAt > 2_000_000_000 else { return }
        shownAt = now
        let line = "simulate: \(runs) of \(seeds) seeds, \(failures) broken, \((now - started) / 1_000_000_000) s\n"
        try? StandardStream.error.write(line)
    }

    func summarize(since started: UInt64) {
        let seconds = Double(DispatchTime.now().uptimeNanoseconds - started) / 1e9
        print("\(runs) seeds in \(Int(seconds)) s: \(failures) broke a promise")
        print("  \(requests) requests, \(calls) calls, \(virtualSeconds / 3_600) hours of virtual time")
        for guarantee in Guarantee.allCases { print("  \(guarantee.rawValue): \(guarantees[guarantee] ?? 0) runs") }
        print(
            "  delivered twice: \(announcedDuplicates) announced as possible, \(duplicatesByLoss) by a loss before a commit"
        )
        print("  faults:")
        for (fault, count) in faults.sorted(by: { $0.key < $1.key }) {
            print("    \(fault.rawValue.padded(to: 26))\(count)")
        }
    }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(width - count, 1)) }
}
