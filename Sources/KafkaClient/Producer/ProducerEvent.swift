/// What a producer tells the application by itself.
package enum ProducerEvent: Sendable {
    /// No broker can be reached; told once. The producer goes on trying by itself.
    case brokersDown(KafkaError)
    /// A broker answers again; told once after each `brokersDown`.
    case brokersUp
    /// Something else went wrong. A fatal error ends the producer: close it and make a new one.
    case failure(KafkaError)
    /// A broker makes this client wait so long before it takes its next request, because of a quota; zero once it does not
    /// any more.
    case throttled(broker: String, Duration)
    /// librdkafka's statistics as JSON, where `statistics.interval.ms` is set.
    case statistics(String)
}
