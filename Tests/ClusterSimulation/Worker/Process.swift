/// One life of a replica as its operating system sees it: it runs, stands still or is dead. What reaches it while it
/// stands still waits until it goes on.
final class Process {
    private enum Condition { case running, paused, dead }

    /// The clients of a process hear from the brokers independently of each other.
    enum Client: Hashable {
        case consumer, producer, stateReader
    }

    let name: String
    private var condition = Condition.running
    private var backlog: [() -> Void] = []
    private let timeline: Timeline
    private var clearAt: [Client: Int64] = [:]
    private var random: SeededRandom
    private let bootedAt: Int64
    /// The time that the wall clock shows beyond the true time.
    var wallShift: Int64
    /// The moment until which nothing passes between it and the brokers.
    private(set) var isolatedUntil = Int64.min

    init(name: String, timeline: Timeline, random: SeededRandom) {
        var random = random
        self.name = name
        self.timeline = timeline
        bootedAt = timeline.now
        wallShift = random.span(-RunPlan.clockSkew / 2...RunPlan.clockSkew / 2)
        self.random = random
    }

    var isDead: Bool { condition == .dead }
    var isPaused: Bool { condition == .paused }
    var isIsolated: Bool { isolatedUntil > timeline.now }
    /// The process' monotonic clock, which has an origin of its own.
    var monotonic: Int64 { timeline.now - bootedAt + 7 * Span.second }

    func trueTime(ofMonotonic moment: Int64) -> Int64 { moment - 7 * Span.second + bootedAt }

    func kill() {
        condition = .dead
        backlog = []
    }

    func pause() { if condition == .running { condition = .paused } }

    func resume() {
        guard condition == .paused else { return }
        condition = .running
        let waiting = backlog
        backlog = []
        var delay: Int64 = 0
        for body in waiting {
            delay += random.span(0...50) * Span.microsecond
            timeline.after(delay) { [self] in run(body) }
        }
    }

    func isolate(until moment: Int64) { isolatedUntil = max(isolatedUntil, moment) }

    /// Has something happen in the process after a while.
    func after(_ delay: Int64, _ body: @escaping () -> Void) {
        timeline.after(delay) { [self] in run(body) }
    }

    /// The brokers tell the process something; what one client hears keeps its order.
    func hear(after delay: Int64, by client: Client = .consumer, _ body: @escaping () -> Void) {
        let moment = max(timeline.now + delay, clearAt[client] ?? 0, isolatedUntil)
        clearAt[client] = moment
        timeline.at(moment) { [self] in run(body) }
    }

    /// The process asks the brokers for something; the request arrives after a while, also if the process dies meanwhile,
    /// unless it was still waiting for a way to them.
    func ask(after delay: Int64, _ body: @escaping () -> Void) {
        let isCutOff = isolatedUntil > timeline.now
        timeline.at(max(timeline.now + delay, isolatedUntil)) { [self] in
            if !isCutOff || !isDead { body() }
        }
    }

    private func run(_ body: @escaping () -> Void) {
        switch condition {
        case .running: body()
        case .paused: backlog.append(body)
        case .dead: break
        }
    }
}
