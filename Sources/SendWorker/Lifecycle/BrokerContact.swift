import Synchronization

/// Whether Kafka can be reached, from both sources that tell.
///
/// librdkafka reports the loss of all its connections at once, but it cannot see a network that swallows everything
/// before its requests time out, which takes a minute; and it says nothing when a broker is back. So a question is put
/// to the brokers again and again, and what was answered last counts too.
package final class BrokerContact: Sendable {
    private struct State {
        var isReportedDown = false
        var isAnswered = false
    }

    private let state = Mutex(State())

    package init() {}

    /// False until a question has been answered for the first time.
    package var isUp: Bool { state.withLock { $0.isAnswered && !$0.isReportedDown } }

    /// librdkafka has reported that no broker is connected, or that one answers again.
    package func noteReport(isUp: Bool) { state.withLock { $0.isReportedDown = !isUp } }

    /// A question was put to the brokers.
    package func noteQuestion(isAnswered: Bool) { state.withLock { $0.isAnswered = isAnswered } }
}
