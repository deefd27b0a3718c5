import InstagramMessaging
import KafkaClient
import OperatorTools

/// Dead letters as the worker makes them.
enum Letters {
    static let now = Timestamp(millisecondsSinceEpoch: 1_800_000_000_000)

    static func request(_ id: String = "r-1", members: String = "") -> [UInt8] {
        let text =
            #"{"request_id":"\#(id)","account_id":"17841400000000001","recipient":{"id":"90210"},"#
            + #""message":{"text":"hello"}\#(members)}"#
        return Array(text.utf8)
    }

    static func record(
        offset: Int64 = 17,
        status: String? = "failed",
        value: [UInt8]? = request(),
        own: [KafkaHeader] = [],
        _ headers: [String: String] = [:]
    ) -> KafkaRecord {
        var all = [
            "dlq-category": "token", "dlq-code": "190", "dlq-subcode": "463", "dlq-message": "The token has expired.",
            "dlq-attempts": "2", "dlq-source-topic": "requests", "dlq-source-partition": "3", "dlq-source-offset": "8",
            "dlq-time": "2027-01-15T07:00:00.000Z", "dlq-redrives": "0",
        ]
        all["dlq-status"] = status
        all.merge(headers) { $1 }
        let added = all.sorted { $0.key < $1.key }.map { KafkaHeader(name: $0.key, value: Array($0.value.utf8)) }
        return KafkaRecord(
            topic: "dead-letters",
            partition: 1,
            offset: offset,
            timestamp: 1_799_999_000_000,
            key: Array("17841400000000001".utf8),
            value: value,
            headers: own + added
        )
    }
}
