package import InstagramMessaging
import KafkaClient
package import SendEngine

/// What reaches the engine loop from the outside.
package enum LoopEvent: Sendable {
    /// Records read, decoded and checked.
    case intake([Intake.Item])
    /// A new assignment of partitions of the requests topic, with its number.
    case assigned([Int32], epoch: UInt64)
    /// What the state topic remembers of partitions has been read.
    case restored([Int32: RestoredPartition], epoch: UInt64)
    /// The group takes partitions back: drain, commit, then give them up.
    case revoking([Int32])
    /// Partitions are gone already.
    case lost([Int32])
    case preparationEnded(RecordID, refusal: SendError?)
    case callEnded(RecordID, CallOutcome)
    case tokensChanged([String])
    case limitsChanged(EngineSettings.LimitSettings, accounts: [String: EngineSettings.LimitSettings])
    case deliveryEnded(number: UInt64, Result<CommitOutcome, CommitError>)
    /// The consumer has lost all its brokers, or has one again.
    case brokersChanged(areUp: Bool)
    /// The brokers have answered the question that is put to them again and again.
    case brokersAnswered
    /// Stop starting calls, finish what runs, commit, tell `drained`.
    case drain
    /// The time that `nextWake` named has come.
    case tick
}
