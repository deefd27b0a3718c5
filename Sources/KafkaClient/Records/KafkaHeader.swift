/// A header of a record. Names may repeat within a record; their order is kept.
package struct KafkaHeader: Sendable, Hashable {
    package var name: String
    /// Nil and empty are two different values.
    package var value: [UInt8]?

    package init(name: String, value: [UInt8]?) {
        self.name = name
        self.value = value
    }
}
