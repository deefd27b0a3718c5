import Foundation
import KafkaClient

/// The running brokers that `KAFKA_BOOTSTRAP_SERVERS` names, for what the embedded one cannot do; empty where it names none.
let externalServers = ProcessInfo.processInfo.environment["KAFKA_BOOTSTRAP_SERVERS"] ?? ""

extension KafkaConfiguration {
    init(_ broker: EmbeddedBroker, _ properties: [(name: String, value: String)] = []) {
        self.init(bootstrapServers: broker.bootstrapServers, properties: properties)
    }
}

/// Publishes values `0`, `1`, … to a partition and gives the offsets.
@discardableResult
func publish(
    _ values: Range<Int>,
    to topic: String,
    partition: Int32? = 0,
    on servers: String
) async throws -> [Int64] {
    let producer = try KafkaProducer(configuration: KafkaConfiguration(bootstrapServers: servers))
    let records = values.map { ProducerRecord(topic: topic, partition: partition, value: bytes("\($0)")) }
    let results = await producer.publish(records)
    await producer.close(timeout: .seconds(10))
    return try results.map { try $0.get() }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func partitions(_ topic: String, _ numbers: Range<Int32>) -> [TopicPartition] {
    numbers.map { TopicPartition(topic: topic, partition: $0) }
}
