/// Everything that can be set about a worker, with the defaults it has when nothing is set.
///
/// The nesting mirrors the keys: `kafka.bootstrapServers` is `configuration.kafka.bootstrapServers`. The file of a section
/// holds its values with their defaults and, below them, its keys: the rows of ``ConfigurationKey``'s table, which loads
/// this type.
package struct WorkerConfiguration: Sendable, Hashable {
    package var kafka = Kafka()
    package var topics = Topics()
    package var delivery = Delivery()
    package var graph = Graph()
    package var tokens = Tokens()
    package var limits = Limits()
    package var retry = Retry()
    package var worker = Worker()
    package var safety = Safety()
    package var media = Media()
    package var admin = Admin()
    package var log = Log()
    package var tracing = Tracing()
    package var validation = Validation()

    /// The defaults of every key.
    package init() {}
}
