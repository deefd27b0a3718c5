package import InstagramMessaging

/// How a request ended, as far as the engine knows; the shell adds what the record held to make the result.
package struct Termination: Sendable, Hashable {
    package var status: SendResult.Status
    /// HTTP calls made.
    package var attempts: Int
    package var possibleDuplicate: Bool
    package var messageID: String?
    package var recipientID: String?
    /// Nil exactly when the status is `sent`.
    package var error: SendError?
    package var completedAt: Timestamp

    package init(
        status: SendResult.Status,
        attempts: Int,
        possibleDuplicate: Bool,
        messageID: String? = nil,
        recipientID: String? = nil,
        error: SendError? = nil,
        completedAt: Timestamp
    ) {
        self.status = status
        self.attempts = attempts
        self.possibleDuplicate = possibleDuplicate
        self.messageID = messageID
        self.recipientID = recipientID
        self.error = error
        self.completedAt = completedAt
    }
}
