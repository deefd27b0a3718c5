import CAllocationCounter
import SendEngine

/// What one scenario cost.
struct ScenarioResult {
    /// What the engine holds once it is full, beyond the empty engine.
    struct Memory {
        /// Nil where allocations cannot be counted.
        var liveBytes: Int64?
        var liveBlocks: Int64?
        /// How much the process has grown.
        var residentBytes: Int64
    }

    var scenario: Scenario
    var memory: Memory
    /// Requests that wait while messages are sent.
    var waiting: Int
    /// Brought from accept to durable while events were measured.
    var messages: Int
    /// Bytes of the ledger snapshots in one commit, the mean.
    var snapshotBytesPerCommit: Double
    var census: EngineCensus
    var meter: EventMeter
    /// Engine nanoseconds per message, accept to durable: all events of the steady state.
    var nanosecondsPerMessage: Rounds
    /// Processor nanoseconds per message of the whole thread, the load around the engine and the clock included.
    var threadNanosecondsPerMessage: Rounds
    var preemptions: UInt64
    /// False where the engine stopped giving anything to do.
    var isComplete: Bool
}

extension ScenarioResult {
    /// Runs a scenario. Measuring memory first needs a heap without remains of an earlier one.
    init(_ scenario: Scenario, _ stopwatch: Stopwatch, progress: (String) -> Void) {
        let preemptions = process_preemptions()
        progress("filling")
        var load = EngineLoad(scenario, stopwatch)
        memory = Self.measureFilling(&load)
        var perMessage: [Double] = []
        var threadPerMessage: [Double] = []
        var isComplete = true
        // Until limits bind and calls are running.
        progress("warming up")
        if !load.send(scenario.warmUpMessages(openAccounts: load.openAccounts)) { isComplete = false }
        load.meter.forgetMessages()
        let warm = load.durable
        load.snapshotBytes = 0
        for round in 0..<scenario.rounds where isComplete {
            progress("round \(round + 1) of \(scenario.rounds)")
            let durable = load.durable
            let engine = load.meter.messageNanoseconds
            let thread = thread_processor_nanoseconds()
            isComplete = load.send(scenario.messagesPerRound)
            let count = Double(max(load.durable - durable, 1))
            perMessage.append(Double(load.meter.messageNanoseconds - engine) / count)
            threadPerMessage.append(Double(thread_processor_nanoseconds() - thread) / count)
        }
        messages = load.durable - warm
        let commits = load.meter.histogram(.takeCommit).count
        snapshotBytesPerCommit = Double(load.snapshotBytes) / Double(max(commits, 1))
        census = load.engine.census
        waiting = census.waiting
        progress("looking")
        load.lookAtWaitingAccounts()
        progress("blocking")
        load.blockRunning()
        self.scenario = scenario
        self.isComplete = isComplete
        self.preemptions = process_preemptions() - preemptions
        meter = load.meter
        nanosecondsPerMessage = Rounds(perMessage)
        threadNanosecondsPerMessage = Rounds(threadPerMessage)
    }

    /// The time of all events of some kinds for each message sent, in nanoseconds.
    func nanosecondsPerMessage(_ kinds: [EventKind]) -> Double {
        let sum = kinds.reduce(UInt64(0)) { $0 + meter.histogram($1).sum }
        return Double(sum) / Double(max(messages, 1))
    }

    private static func measureFilling(_ load: inout EngineLoad) -> Memory {
        process_trim_heap()
        let resident = process_resident_bytes()
        allocation_counter_start()
        load.fill()
        let counts = allocation_counter_stop()
        let grown = Int64(process_resident_bytes()) - Int64(resident)
        let isCounted = allocation_counter_is_available()
        return Memory(
            liveBytes: isCounted ? counts.liveBytes : nil,
            liveBlocks: isCounted ? counts.liveBlocks : nil,
            residentBytes: grown
        )
    }
}
