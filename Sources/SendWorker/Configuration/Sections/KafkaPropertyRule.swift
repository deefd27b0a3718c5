import KafkaClient

/// The values that a librdkafka property may have where a promise of the worker rests on it. Pure but for what librdkafka is
/// asked, without a broker.
enum KafkaPropertyRule: Sendable, Hashable {
    /// The worker sets it, or has a key for it; says what to do instead.
    case never(String)
    /// One of these values, written as librdkafka takes them; says what any other would do.
    case only([String], otherwise: String)
    /// Any but these values; says what they would do.
    case not([String], because: String)

    /// The rule of a property; nil where it is the user's to choose.
    static func of(_ property: String) -> KafkaPropertyRule? {
        property.hasPrefix("test.mock.")
            ? .never("take it away: it makes librdkafka talk to brokers of its own") : all[property]
    }

    /// Why a property does not get that value, by the rules first, then by librdkafka; nil where it may.
    static func refusal(of value: String, for property: String) -> ValueRefusal? {
        let word = value.lowercased()
        switch of(property) {
        case .never(let instead):
            return ValueRefusal("is set by the worker; \(instead)")
        case .only(let accepted, let otherwise) where !accepted.contains(word):
            return ValueRefusal("is not possible: \(otherwise); write \(accepted[0]) or take it away")
        case .not(let excluded, let reason) where excluded.contains(word):
            return ValueRefusal("is not possible: \(reason)")
        default:
            break
        }
        switch KafkaConfiguration.refusal(of: value, for: property) {
        case nil:
            return nil
        case .unknown(let version):
            return ValueRefusal("names no property of the installed librdkafka \(version)")
        case .value(let reason):
            return ValueRefusal("is not accepted by librdkafka\(reason.map { ": \($0)" } ?? "")")
        }
    }

    private static let yes = ["true", "t", "1"]
    private static let no = ["false", "f", "0"]
    private static let newProtocol =
        "the new group protocol (KIP-848) is not used: ownership, drains and hand-overs rest on the classic one"
    private static let mechanism = KafkaPropertyRule.not(
        ["aws_msk_iam"],
        because: "librdkafka has no AWS_MSK_IAM; use SCRAM-SHA-512 or client certificates, which MSK has too"
    )

    private static let all: [String: KafkaPropertyRule] =
        keys.merging(group) { $1 }.merging(writing) { $1 }.merging(client) { $1 }

    /// Properties that have a key of their own.
    private static let keys: [String: KafkaPropertyRule] = [
        "bootstrap.servers": .never("write kafka.bootstrapServers"),
        "metadata.broker.list": .never("write kafka.bootstrapServers"),
        "group.id": .never("write kafka.groupId"),
        "group.instance.id": .never("write kafka.instanceId"),
        "transactional.id": .never("write delivery.guarantee"),
    ]

    /// Properties that decide who reads which records, and from where.
    private static let group: [String: KafkaPropertyRule] = [
        "enable.auto.commit": .never("take it away"),
        "auto.commit.enable": .never("take it away"),
        "enable.auto.offset.store": .never("take it away"),
        "enable.partition.eof": .never("take it away"),
        "isolation.level": .never("take it away"),
        "auto.offset.reset": .only(
            ["earliest", "smallest", "beginning"],
            otherwise: "where the group has no offset, requests that wait would be passed over and never get a result"
        ),
        "offset.store.method": .only(["broker"], otherwise: "another replica would not know the offsets"),
        "group.protocol": .only(["classic"], otherwise: newProtocol),
        "group.remote.assignor": .never("take it away: \(newProtocol)"),
        "group.protocol.type": .only(["consumer"], otherwise: "no replica could join the group"),
    ]

    /// The properties for writing results, dead letters, state and republished requests.
    private static let writing: [String: KafkaPropertyRule] = [
        "enable.idempotence": .only(
            yes,
            otherwise: "a record whose acknowledgement is lost would be written twice, or behind its successor"
        ),
        "acks": acknowledgements,
        "request.required.acks": acknowledgements,
        "enable.gapless.guarantee": .only(no, otherwise: "a passing time-out would end the worker"),
        "delivery.report.only.error": .only(no, otherwise: "nobody would learn that a record is written"),
        "queuing.strategy": .only(["fifo"], otherwise: "records of one key would be written out of order"),
        "partitioner": .not(
            ["random"],
            because: "one account's records would be spread over all partitions, and its order and limits with them"
        ),
    ]
    private static let acknowledgements = KafkaPropertyRule.only(
        ["all", "-1"],
        otherwise: "a result that counts as written would be lost with one broker"
    )

    /// The properties of the clients as such.
    private static let client: [String: KafkaPropertyRule] = [
        "allow.auto.create.topics": .only(no, otherwise: "a misspelt topic would be made instead of missed"),
        "api.version.request": .only(yes, otherwise: "transactions and headers need brokers that tell their versions"),
        "enabled_events": .never("take it away"),
        "log.queue": .only(no, otherwise: "librdkafka's log lines would be kept back"),
        "sasl.mechanism": mechanism,
        "sasl.mechanisms": mechanism,
    ]
}
