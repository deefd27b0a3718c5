import KafkaClient

/// A producer without transactions that is made anew when batches are to have another size.
actor ReplaceableProducer {
    private let make: @Sendable (_ batchSize: Int) throws -> KafkaProducer
    private var current: (producer: KafkaProducer, batchSize: Int)?
    private var isClosed = false

    /// - Parameter make: Makes a producer whose batches have so many bytes at most.
    init(_ make: @escaping @Sendable (_ batchSize: Int) throws -> KafkaProducer) {
        self.make = make
    }

    /// Publishes records; one call at a time.
    func publish(_ records: [ProducerRecord], batchSize: Int) async -> [Result<Int64, KafkaError>] {
        do {
            return await (try await ready(batchSize)).publish(records)
        } catch {
            let failure = error as? KafkaError ?? .unusable("\(error)")
            return records.map { _ in .failure(failure) }
        }
    }

    func learnPartitions(of topic: String) async {
        try? await current?.producer.learnPartitions(of: topic, timeout: .seconds(10))
    }

    /// - Returns: False where something hangs.
    func close() async -> Bool {
        isClosed = true
        let last = current
        current = nil
        return await last?.producer.close(timeout: .seconds(10)) ?? true
    }

    private func ready(_ batchSize: Int) async throws -> KafkaProducer {
        if let current, current.batchSize == batchSize { return current.producer }
        guard !isClosed else { throw KafkaError.unusable("the producer is closed") }
        let old = current
        let made = try make(batchSize)
        current = (made, batchSize)
        await old?.producer.close(timeout: .seconds(10))
        return made
    }
}
