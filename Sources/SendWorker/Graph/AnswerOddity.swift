import Synchronization
import Telemetry

/// An oddity of an answer, besides its meaning for its call.
package enum AnswerOddity: Sendable, Hashable {
    /// A connection that had carried other calls gave none.
    case unknownOnReusedConnection
    /// A success names another person than the one asked for. Out of step: it may be another call's answer.
    case otherRecipient(accountID: String, isOutOfStep: Bool)
    /// The answer is of another version of the API than the one asked for.
    case otherVersion(String, asked: String)
}

/// Puts odd answers into the log: another version once for each, another recipient once in a while.
final class AnswerOddities: Sendable {
    /// A server that makes versions up does not fill the log.
    private static let mostVersions = 8
    private static let longestVersion = 32

    private let logger: Logger
    private let repetitions: RepetitionLimiter
    private let versions = Mutex<Set<String>>([])

    init(logger: Logger, repetitions: RepetitionLimiter) {
        self.logger = logger
        self.repetitions = repetitions
    }

    func log(_ oddity: AnswerOddity) {
        switch oddity {
        // One by one they are the results' matter; their number is a metric.
        case .unknownOnReusedConnection: break
        case .otherRecipient(let accountID, let isOutOfStep): logRecipient(accountID, isOutOfStep: isOutOfStep)
        case .otherVersion(let version, let asked): logVersion(version, asked: asked)
        }
    }

    private func logRecipient(_ accountID: String, isOutOfStep: Bool) {
        let meaning =
            isOutOfStep
            ? "its connection had carried others, so it may be another call's: the call ends unknown, the connection is closed"
            : "it is its connection's first, so it can be no other call's: the message counts as sent"
        repetitions.log(
            "an answer names another recipient than the one asked for; \(meaning). Look for a proxy before graph.baseURL",
            key: "other recipient \(isOutOfStep)",
            level: .warning,
            to: logger,
            metadata: ["account_id": "\(accountID)"]
        )
    }

    private func logVersion(_ version: String, asked: String) {
        let isShowable = version.utf8.count <= Self.longestVersion && version.utf8.allSatisfy { 0x21...0x7E ~= $0 }
        let shown = isShowable ? version : "unreadable"
        let isNew = versions.withLock { versions in
            versions.count < Self.mostVersions && versions.insert(shown).inserted
        }
        guard isNew else { return }
        logger.warning(
            """
            Graph answers with version \(shown) of its API, and not with \(asked), the one asked for, which may have come to its \
            end: set graph.version to one that is supported, after a look at what has changed
            """,
            metadata: ["version": "\(shown)", "graph.version": "\(asked)"]
        )
    }
}
