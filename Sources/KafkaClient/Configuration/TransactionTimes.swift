/// How long a transaction, and what happens in it, may take: the defaults of this client, fitted to what the user's
/// properties say.
struct TransactionTimes: Sendable, Hashable {
    /// After this time the brokers abort a transaction that is still open, in milliseconds.
    ///
    /// Half of librdkafka's default of 60 s. A replica that dies in a transaction leaves it open, and until it is
    /// aborted nobody sees what is written behind it. The brokers look for such transactions every 10 s, so this one is
    /// gone after 40 s at the latest: before the group takes the dead replica for dead (`session.timeout.ms`, 45 s) and
    /// a new owner of its partitions comes to read. A transaction of a living replica takes milliseconds.
    var transaction = 30_000
    /// After this time a record that could not be written has failed, in milliseconds; nil where the user says it.
    ///
    /// A third of the transaction's time, so that with two calls of a third each a producer always gives up before the
    /// brokers do: a producer whose transaction the brokers have aborted is fenced and has to be replaced.
    var message: Int?

    init(properties: [(name: String, value: String)]) {
        func milliseconds(_ names: String...) -> Int? {
            properties.last { names.contains($0.name) }.flatMap { Int($0.value) }
        }
        let message = milliseconds("message.timeout.ms", "delivery.timeout.ms")
        let socket = milliseconds("socket.timeout.ms")
        // librdkafka refuses times for messages and requests that are longer than the transaction's.
        let longestPart = max(message ?? 0, (socket ?? 0) - 100)
        transaction = milliseconds("transaction.timeout.ms") ?? max(transaction, longestPart)
        if message == nil { self.message = max(min(10_000, transaction / 3), 100) }
    }

    var defaults: [(name: String, value: String)] {
        [("transaction.timeout.ms", "\(transaction)")] + (message.map { [("message.timeout.ms", "\($0)")] } ?? [])
    }
}

extension KafkaConfiguration {
    /// After this time the brokers abort a transaction that its producer left open; they look every 10 s by default.
    package var transactionTimeout: Duration {
        .milliseconds(TransactionTimes(properties: properties).transaction)
    }
}
