package import InstagramMessaging
package import KafkaClient
package import SendEngine

/// Turns records of the requests topic into what the engine and the committer need.
///
/// Runs on the consumer's thread, batch by batch, so that decoding does not take the engine's time.
package struct Intake: Sendable {
    /// A record on its way into the engine.
    package struct Item: Sendable {
        /// The part that is kept for the result and the dead letter.
        package var pending: PendingRequest
        /// The part that the replica is to know.
        package var content: Replica.ReadRecord.Content
    }

    private let decoder: RequestDecoder
    private let defaultDelivery: DeliveryPreference
    private let checksMedia: Bool

    package init(decoder: RequestDecoder, defaultDelivery: DeliveryPreference, checksMedia: Bool) {
        self.decoder = decoder
        self.defaultDelivery = defaultDelivery
        self.checksMedia = checksMedia
    }

    /// Decodes and validates one record; never fails, since a bad record is an item too.
    package func item(for record: KafkaRecord, epoch: UInt64, now: Timestamp) -> Item {
        let id = RecordID(partition: record.partition, offset: record.offset, epoch: epoch)
        switch decoder.decode(record.value, now: now) {
        case .accepted(let accepted):
            return queuedItem(for: accepted, record: record, id: id)
        case .rejected(let rejected):
            return settledItem(for: rejected, record: record, id: id, now: now)
        }
    }

    private func queuedItem(for accepted: AcceptedRequest, record: KafkaRecord, id: RecordID) -> Item {
        let request = accepted.request
        let media = checksMedia ? request.mediaURLs : []
        let queued = QueuedRequest(
            id: id,
            accountID: request.accountID,
            conversation: request.conversationKey,
            rateClass: request.rateClass,
            feature: request.feature,
            delivery: request.delivery ?? defaultDelivery,
            isIdempotent: request.isIdempotent,
            needsPreparation: !media.isEmpty,
            expiresAt: request.expiresAt,
            windowClosesAt: request.windowClosesAt
        )
        let pending = PendingRequest(
            record: record,
            requestID: request.requestID,
            accountID: request.accountID,
            recipientID: request.recipientID,
            context: request.context,
            call: PendingRequest.PreparedCall(
                body: accepted.graphBody,
                expectsMessageID: request.expectsMessageID,
                kind: request.kind,
                media: media
            )
        )
        return Item(pending: pending, content: .request(queued))
    }

    private func settledItem(for rejected: RejectedRequest, record: KafkaRecord, id: RecordID, now: Timestamp) -> Item {
        let pending = PendingRequest(
            record: record,
            requestID: rejected.requestID,
            accountID: rejected.accountID,
            recipientID: rejected.recipientID,
            context: rejected.context
        )
        let end = RequestEnd(
            id: id,
            status: rejected.status,
            attempts: 0,
            possibleDuplicate: false,
            error: rejected.error,
            completedAt: now
        )
        return Item(pending: pending, content: .settled(end))
    }
}

extension Intake.Item {
    /// Names the record.
    package var id: RecordID {
        switch content {
        case .request(let request): request.id
        case .settled(let end): end.id
        }
    }
}

/// The part of a request record that the worker keeps until its result is durable.
///
/// It goes through many hands and never changes, so it is handed on by reference.
package final class PendingRequest: Sendable {
    /// The record as it was read: dead letters carry its very bytes.
    package let record: KafkaRecord
    /// The origin of the request, as far as the record told.
    package let requestID: String?
    package let accountID: String?
    package let recipientID: String?
    package let context: [UInt8]?
    /// The parts that are needed to make the call; nil for a record that failed validation.
    package let call: PreparedCall?

    package init(
        record: KafkaRecord,
        requestID: String? = nil,
        accountID: String? = nil,
        recipientID: String? = nil,
        context: [UInt8]? = nil,
        call: PreparedCall? = nil
    ) {
        self.record = record
        self.requestID = requestID
        self.accountID = accountID
        self.recipientID = recipientID
        self.context = context
        self.call = call
    }

    /// The call that a valid request asks for.
    package struct PreparedCall: Sendable {
        /// The JSON body for Graph.
        package var body: [UInt8]
        /// False where Graph's success answer has no message id.
        package var expectsMessageID: Bool
        /// The kind of message, for metrics.
        package var kind: MessageKind
        /// The media to check before the call.
        package var media: [MediaReference]
    }
}

extension PendingRequest {
    /// Whether the record's key is the account that it names, as producers are asked to do. Only then does one replica
    /// own all of an account's requests, and only then are the account's limits exact.
    package var isKeyedByAccount: Bool {
        guard let accountID, let key = record.key else { return accountID == nil }
        return key.elementsEqual(accountID.utf8)
    }
}
