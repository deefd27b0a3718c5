import InstagramMessaging
package import KafkaClient
import OpenSSL

/// Tells a redriven request on the requests topic by its key, its bytes and how often it has been redriven.
package enum RedriveFingerprint {
    /// Nil for a record that was not redriven.
    package static func of(_ record: KafkaRecord) -> String? {
        of(key: record.key, value: record.value, headers: record.headers)
    }

    /// Nil for a record that is not a redriven request.
    package static func of(_ record: ProducerRecord) -> String? {
        of(key: record.key, value: record.value, headers: record.headers)
    }

    private static func of(key: [UInt8]?, value: [UInt8]?, headers: [KafkaHeader]) -> String? {
        guard let redrives = headers.last(where: { $0.name == "dlq-redrives" })?.value else { return nil }
        // The length keeps neighbours apart; null is not empty.
        let parts = [key, value, redrives].flatMap { part in [Array("\(part?.count ?? -1):".utf8), part ?? []] }
        return Hexadecimal.text(SHA256.hash(concatenating: parts).prefix(12))
    }
}

extension RedriveJournal.Entry {
    /// What is noted of a dead letter that becomes this record.
    package init(_ letter: DeadLetter, becoming record: ProducerRecord) {
        self.init(
            partition: letter.record.partition,
            offset: letter.record.offset,
            time: letter.time.millisecondsSinceEpoch,
            fingerprint: RedriveFingerprint.of(record) ?? ""
        )
    }
}
