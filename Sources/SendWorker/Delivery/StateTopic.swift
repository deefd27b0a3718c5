package import KafkaClient
import Logging
import SendEngine

/// The workers' own compacted topic: what a partition's next owner has to know of its requests.
///
/// Partition n of it belongs to partition n of the requests topic.
package struct StateTopic: Sendable {
    /// The key of a partition's ledger.
    static let ledgerKey = Array("ledger".utf8)
    /// Names the delivery that wrote a ledger, so that a delivery whose commit timed out can be found again.
    static let deliveryHeader = "delivery"

    private let name: String

    package init(name: String) {
        self.name = name
    }

    /// The records that make a delivery's ledgers durable.
    package func records(for delivery: Delivery, marker: [UInt8]? = nil) -> [ProducerRecord] {
        delivery.ledgers.map { partition, ledger in
            ProducerRecord(
                topic: name,
                partition: partition,
                key: Self.ledgerKey,
                value: ledger,
                headers: marker.map { [KafkaHeader(name: Self.deliveryHeader, value: $0)] } ?? []
            )
        }
    }

    func partition(_ number: Int32) -> TopicPartition {
        TopicPartition(topic: name, partition: number)
    }
}
