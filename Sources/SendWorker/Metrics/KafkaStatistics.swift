import InstagramMessaging

/// What the worker shows of librdkafka's statistics.
struct KafkaStatistics: Sendable, Hashable {
    /// A broker of the cluster, as one client sees it.
    struct Broker: Sendable, Hashable {
        var id: Int
        var isUp: Bool
        /// 99 of 100 requests were answered in this time, in seconds; nil where none was made.
        var roundTrip: Double?
    }

    /// Where a partition begins and ends; nil for what the client has not been told yet.
    struct Log: Sendable, Hashable {
        var start: Int64?
        var end: Int64?
        /// Offsets from the consumer's position to the end.
        var lag: Int64?
    }

    var brokers: [Broker] = []
    /// Requests that could not be sent, since the client was made.
    var sendErrors = 0
    /// Answers that could not be read, since the client was made.
    var receiveErrors = 0
    /// Requests without an answer in time, since the client was made.
    var timeouts = 0
    /// Requests that wait to be sent, or for their answer.
    var waitingRequests = 0
    /// Messages that wait: in a producer to be delivered, in a consumer to be taken.
    var queuedMessages = 0
    var queuedBytes = 0
    /// The partitions of the topic that was asked for.
    var logs: [Int32: Log] = [:]

    /// Reads librdkafka's JSON; nil where it is something else.
    ///
    /// - Parameter topic: The topic whose partitions are wanted.
    init?(json: String, topic: String) {
        guard let root = try? JSONReader.read(Array(json.utf8)), let brokers = root["brokers"]?.members else {
            return nil
        }
        for member in brokers { take(broker: member.value) }
        queuedMessages = root["msg_cnt"]?.integer ?? 0
        queuedBytes = root["msg_size"]?.integer ?? 0
        for member in root["topics"]?.members ?? [] {
            take(topic: member.value, isWanted: member.name == topic)
        }
    }

    private mutating func take(broker: JSONValue) {
        sendErrors += broker["txerrs"]?.integer ?? 0
        receiveErrors += broker["rxerrs"]?.integer ?? 0
        timeouts += broker["req_timeouts"]?.integer ?? 0
        waitingRequests += (broker["outbuf_cnt"]?.integer ?? 0) + (broker["waitresp_cnt"]?.integer ?? 0)
        // The others are addresses to start from that are nobody's own, and coordinators, which are brokers under another
        // name.
        guard broker["source"]?.string != "logical", let id = broker["nodeid"]?.integer, id >= 0 else { return }
        let trip = broker["rtt"]
        let hasTrip = (trip?["cnt"]?.integer ?? 0) > 0
        brokers.append(
            Broker(
                id: id,
                isUp: broker["state"]?.string == "UP",
                roundTrip: hasTrip ? trip?["p99"]?.integer.map { Double($0) / 1e6 } : nil
            )
        )
    }

    private mutating func take(topic: JSONValue, isWanted: Bool) {
        for member in topic["partitions"]?.members ?? [] {
            let partition = member.value
            queuedMessages += partition["fetchq_cnt"]?.integer ?? 0
            queuedBytes += partition["fetchq_size"]?.integer ?? 0
            // -1 is where librdkafka keeps what has no partition yet.
            guard isWanted, let number = Int32(member.name), number >= 0 else { continue }
            logs[number] = Log(
                start: Self.offset(partition["lo_offset"]),
                end: Self.offset(partition["hi_offset"]),
                lag: Self.offset(partition["consumer_lag"])
            )
        }
    }

    /// Negative numbers stand for what is not known.
    private static func offset(_ value: JSONValue?) -> Int64? {
        value?.integer.flatMap { $0 >= 0 ? Int64($0) : nil }
    }
}
