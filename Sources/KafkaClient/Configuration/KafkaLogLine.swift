/// A line of librdkafka's own log.
package struct KafkaLogLine: Sendable, Hashable {
    /// The syslog level: 0 emergency, 3 error, 4 warning, 6 information, 7 debug.
    package var level: Int
    /// librdkafka's word for what the line is about, as in `FAIL`.
    package var facility: String
    /// The client that writes it, as in `rdkafka#consumer-1`.
    package var client: String
    package var message: String

    package init(level: Int, facility: String, client: String, message: String) {
        self.level = level
        self.facility = facility
        self.client = client
        self.message = message
    }
}
