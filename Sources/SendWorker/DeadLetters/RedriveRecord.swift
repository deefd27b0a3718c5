import InstagramMessaging
package import KafkaClient

extension DeadLetter {
    /// The record that puts the request back on the requests topic: its own key, value and headers, and `dlq-redrives`
    /// one higher. No other `dlq-` header is kept.
    package func redriveRecord(topic: String) -> ProducerRecord {
        let own = record.headers.filter { !$0.name.utf8.starts(with: "dlq-".utf8) }
        let count = KafkaHeader(name: "dlq-redrives", value: Array(String(redrives + 1).utf8))
        return ProducerRecord(topic: topic, key: record.key, value: record.value, headers: own + [count])
    }
}
