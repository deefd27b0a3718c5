import CAllocationCounter

/// What one operation costs when it is repeated in a tight loop.
struct OperationCost {
    /// Processor time: other work on the machine takes caches away, but no time.
    var nanoseconds: Rounds
    /// Nil where allocations cannot be counted.
    var allocations: Double?
    /// Bytes asked for per operation; nil where they cannot be counted.
    var allocatedBytes: Double?

    /// - Parameters:
    ///   - rounds: How often the loop is timed.
    ///   - roundNanoseconds: About how long one loop takes.
    init<Result>(rounds: Int, roundNanoseconds: UInt64, _ operation: () -> Result) {
        let repetitions = Self.repetitions(lasting: roundNanoseconds, operation)
        var times: [Double] = []
        for _ in 0..<max(rounds, 1) {
            times.append(Double(Self.time(repetitions, operation)) / Double(repetitions))
        }
        nanoseconds = Rounds(times)
        guard allocation_counter_is_available() else { return }
        let counted = 256
        allocation_counter_start()
        for _ in 0..<counted { keep(operation()) }
        let counts = allocation_counter_stop()
        allocations = Double(counts.allocations) / Double(counted)
        allocatedBytes = Double(counts.bytes) / Double(counted)
    }

    /// Also warms caches up: the first loops are not counted.
    private static func repetitions<Result>(lasting wanted: UInt64, _ operation: () -> Result) -> Int {
        var repetitions = 16
        while true {
            let span = time(repetitions, operation)
            if span * 2 >= wanted || repetitions >= 1 << 24 {
                return max(Int(Double(repetitions) * Double(wanted) / Double(max(span, 1))), 1)
            }
            repetitions *= 2
        }
    }

    private static func time<Result>(_ repetitions: Int, _ operation: () -> Result) -> UInt64 {
        let start = thread_processor_nanoseconds()
        for _ in 0..<repetitions { keep(operation()) }
        return thread_processor_nanoseconds() - start
    }
}

/// Takes a value so that the optimiser cannot drop what made it.
@inline(never)
@_optimize(none)
func keep<Value>(_ value: borrowing Value) {}
