import FoundationEssentials
import InstagramMessaging

/// Which worker this is, for people who look at several.
struct WorkerIdentity: Sendable {
    var group: String
    /// The transactional id of this replica: its group's name with its own or a random one.
    var replica: String
    /// Its own name, where it has one.
    var instanceID: String?
    var host = ProcessInfo.processInfo.hostName
    var requestsTopic: String
    var graph: String
    var guarantee: String
    var startedAt: Timestamp

    init(_ configuration: WorkerConfiguration, replicas: ReplicaNames, startedAt: Timestamp) {
        group = configuration.kafka.groupId
        replica = replicas.own
        instanceID = configuration.kafka.instanceId
        requestsTopic = configuration.topics.requests
        graph = configuration.graph.baseURL
        guarantee = configuration.delivery.guarantee.rawValue
        self.startedAt = startedAt
    }

    /// Writes the members `now` and `worker` of `/api/status`.
    ///
    /// - Parameter ownBaseURLs: How many accounts are called elsewhere, by where.
    func write(to json: inout JSONWriter, ownBaseURLs: [String: Int] = [:], now: Timestamp) {
        json.member("now", now.rfc3339)
        json.name("worker")
        json.beginObject()
        json.member("version", WorkerVersion.current)
        json.member("group", group)
        json.member("replica", replica)
        json.member("instance_id", orNull: instanceID)
        json.member("host", host)
        json.member("requests_topic", requestsTopic)
        json.member("graph", graph)
        json.name("other_graphs")
        json.beginArray()
        for (url, accounts) in ownBaseURLs.sorted(by: { $0.key < $1.key }) {
            json.beginObject()
            json.member("base_url", url)
            json.member("accounts", accounts)
            json.endObject()
        }
        json.endArray()
        json.member("delivery_guarantee", guarantee)
        json.member("started_at", startedAt.rfc3339)
        json.member(
            "uptime_seconds",
            max(now.millisecondsSinceEpoch - startedAt.millisecondsSinceEpoch, 0) / 1_000
        )
        json.endObject()
    }
}
