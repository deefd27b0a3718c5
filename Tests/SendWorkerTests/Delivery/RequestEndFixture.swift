import InstagramMessaging
import SendEngine

enum RequestEndFixture {
    /// An ending with the given status, with an error unless it was sent.
    static func make(_ status: SendResult.Status) -> RequestEnd {
        RequestEnd(
            id: RecordID(partition: 0, offset: 0, epoch: 1),
            status: status,
            attempts: 1,
            possibleDuplicate: false,
            messageID: status == .sent ? "mid.1" : nil,
            error: status == .sent ? nil : SendError(category: .graphError, message: "refused"),
            completedAt: Timestamp(millisecondsSinceEpoch: 1_700_000_000_500)
        )
    }
}
