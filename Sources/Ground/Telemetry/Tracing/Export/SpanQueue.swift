import Synchronization

/// Finished spans on their way to the exporter: bounded, and putting one in never waits.
final class SpanQueue: Sendable {
    private struct State {
        var waiting: [FinishedSpan] = []
        /// The number of spans that wait, and of those that were taken and are not settled.
        var outstanding = 0
        var isDue = false
        var isClosed = false
        var reader: CheckedContinuation<Void, Never>?

        /// Whoever waits and should not any longer.
        mutating func released(at batchSize: Int) -> CheckedContinuation<Void, Never>? {
            guard isDue || isClosed || waiting.count >= batchSize else { return nil }
            defer { reader = nil }
            return reader
        }
    }

    private let limit: Int
    private let batchSize: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: How many spans there may be, those included that are being sent.
    ///   - batchSize: How many of them are enough to wake the reader.
    init(limit: Int, batchSize: Int) {
        self.limit = limit
        self.batchSize = batchSize
    }

    /// The number of spans that are neither exported nor given up.
    var outstanding: Int { state.withLock(\.outstanding) }
    var isClosed: Bool { state.withLock(\.isClosed) }

    /// Adds a span; false where there is no room for it, or nobody will read it any more.
    func put(_ span: FinishedSpan) -> Bool {
        let (isTaken, reader) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
            guard state.outstanding < limit, !state.isClosed else { return (false, nil) }
            state.outstanding += 1
            state.waiting.append(span)
            return (true, state.released(at: batchSize))
        }
        reader?.resume()
        return isTaken
    }

    /// Waits for a full batch, for `wake`, or for the end. For one reader.
    func ready() async {
        await withCheckedContinuation { continuation in
            let reader = state.withLock { state in
                state.reader = continuation
                return state.released(at: batchSize)
            }
            reader?.resume()
        }
    }

    /// Lets the reader see to what is there, however little.
    func wake() {
        let reader = state.withLock { state in
            state.isDue = true
            return state.released(at: batchSize)
        }
        reader?.resume()
    }

    /// Takes no more spans; the reader no longer waits.
    func close() {
        let reader = state.withLock { state in
            state.isClosed = true
            return state.released(at: batchSize)
        }
        reader?.resume()
    }

    /// Takes all that wait. They count until they are settled.
    func takeAll() -> [FinishedSpan] {
        state.withLock { state in
            state.isDue = false
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    /// So many of the spans that were taken are exported or given up.
    func settle(_ count: Int) { state.withLock { $0.outstanding -= count } }
}
