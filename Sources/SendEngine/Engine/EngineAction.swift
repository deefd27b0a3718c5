/// What the engine asks of the shell. Actions are carried out in the order they are given.
package enum EngineAction: Sendable, Hashable {
    /// Check what is to be checked before a call, then tell `preparationEnded`.
    case prepare(RecordID)
    /// Start the HTTP call now, then tell `callEnded`. `attempt` counts from 1.
    case call(RecordID, attempt: Int)
    /// Stop fetching this partition: enough of it is outstanding.
    case pause(partition: Int32)
    /// Fetch this partition again.
    case resume(partition: Int32)
}

extension EngineAction {
    /// The partition that is concerned.
    var partition: Int32 {
        switch self {
        case .prepare(let id), .call(let id, _): id.partition
        case .pause(let partition), .resume(let partition): partition
        }
    }
}
