/// The durations of single events by their kind.
struct EventMeter {
    private let stopwatch: Stopwatch
    private var histograms = EventKind.allCases.map { _ in Histogram() }
    /// Actions, endings or other things that the events of a kind dealt with.
    private var items = EventKind.allCases.map { _ in 0 }

    init(_ stopwatch: Stopwatch) {
        self.stopwatch = stopwatch
    }

    /// The moment from which an event counts.
    @inline(__always)
    func start() -> UInt64 { stopwatch.now }

    /// Ends an event that began at a moment.
    mutating func end(_ kind: EventKind, since start: UInt64) {
        histograms[kind.rawValue].record(stopwatch.elapsed(since: start))
    }

    /// Counts what the events of a kind dealt with, for the cost of each.
    mutating func count(_ kind: EventKind, items more: Int) { items[kind.rawValue] += more }

    /// Begins the way of messages anew, after warming up.
    mutating func forgetMessages() {
        for kind in EventKind.allCases where kind.isPartOfMessage {
            histograms[kind.rawValue] = Histogram()
            items[kind.rawValue] = 0
        }
    }

    func histogram(_ kind: EventKind) -> Histogram { histograms[kind.rawValue] }

    /// Mean nanoseconds for each thing that the events of a kind dealt with; nil where these are not counted.
    func nanosecondsPerItem(_ kind: EventKind) -> Double? {
        let count = items[kind.rawValue]
        return count > 0 ? Double(histograms[kind.rawValue].sum) / Double(count) : nil
    }

    /// All that belongs to the way of a message, in nanoseconds.
    var messageNanoseconds: UInt64 {
        EventKind.allCases.filter(\.isPartOfMessage).reduce(0) { $0 + histograms[$1.rawValue].sum }
    }
}
