import KafkaClient
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ConfigurationTests {
    private func failure(_ name: String, _ value: String) throws -> KafkaConfigurationError? {
        let configuration = KafkaConfiguration(bootstrapServers: "127.0.0.1:9", properties: [(name, value)])
        return #expect(throws: KafkaConfigurationError.self) {
            try KafkaConsumer(configuration: configuration, groupID: "g") { _ in }
        }
    }

    @Test func anUnknownPropertyIsNamedWithItsValue() throws {
        let error = try failure("no.such.property", "abc")
        #expect(error?.property == "no.such.property" && error?.value == "abc")
        #expect(error?.description.contains("no such property") == true)
    }

    @Test func aValueThatIsNotAcceptedIsNamed() throws {
        let error = try failure("session.timeout.ms", "soon")
        #expect(error?.property == "session.timeout.ms" && error?.value == "soon")
    }

    @Test(arguments: ["my.password", "ssl.key.nonsense", "client.secret.x"])
    func aSecretIsNeverPrinted(_ name: String) throws {
        let error = try #require(try failure(name, "hunter2"))
        #expect(!"\(error)".contains("hunter2") && !String(reflecting: error).contains("hunter2"))
        let configuration = KafkaConfiguration(bootstrapServers: "a:1", properties: [(name, "hunter2"), ("x", "seen")])
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("hunter2"))
        }
        #expect("\(configuration)".contains("x=seen"))
    }

    @Test func whatCorrectnessRestsOnCannotBeChanged() throws {
        let error = try failure("enable.auto.commit", "true")
        #expect(error?.property == "enable.auto.commit")
        let same = KafkaConfiguration(bootstrapServers: "127.0.0.1:9", properties: [("enable.auto.commit", "false")])
        _ = try KafkaConsumer(configuration: same, groupID: "g") { _ in }
    }

    @Test func settingsThatDoNotFitTogetherAreAnError() throws {
        let properties = [(name: "session.timeout.ms", value: "10000"), (name: "max.poll.interval.ms", value: "1000")]
        let configuration = KafkaConfiguration(bootstrapServers: "127.0.0.1:9", properties: properties)
        let error = #expect(throws: KafkaConfigurationError.self) {
            try KafkaConsumer(configuration: configuration, groupID: "g") { _ in }
        }
        #expect(error?.property == "" && error?.reason.contains("max.poll.interval.ms") == true)
    }

    @Test func aPropertyIsCheckedWithoutAClient() {
        #expect(KafkaConfiguration.refusal(of: "SASL_SSL", for: "security.protocol") == nil)
        // Of a topic, not of a client.
        #expect(KafkaConfiguration.refusal(of: "murmur2", for: "partitioner") == nil)
        guard case .unknown = KafkaConfiguration.refusal(of: "x", for: "no.such.property") else {
            Issue.record("it is known")
            return
        }
        guard case .value(let reason?) = KafkaConfiguration.refusal(of: "soon", for: "session.timeout.ms") else {
            Issue.record("it is accepted")
            return
        }
        #expect(reason.contains("session.timeout.ms"))
    }

    @Test func whatOnlyAClientAsAWholeShowsIsFoundWithoutABroker() {
        func refusal(_ properties: (name: String, value: String)...) -> (any Error)? {
            KafkaConfiguration(bootstrapServers: "127.0.0.1:9", properties: properties)
                .refusalOfClients(groupID: "g", transactionalID: "t")
        }
        #expect(refusal() == nil)
        #expect("\(String(describing: refusal(("max.in.flight", "6"))))".contains("max.in.flight"))
        #expect(refusal(("security.protocol", "ssl"), ("ssl.ca.location", "/nonexistent.pem")) != nil)
        #expect(refusal(("max.poll.interval.ms", "1000")) != nil)
    }

    @Test(arguments: [
        ([], 30), ([("transaction.timeout.ms", "12000")], 12), ([("message.timeout.ms", "90000")], 90),
        ([("delivery.timeout.ms", "90000")], 90), ([("message.timeout.ms", "3000")], 30),
        ([("socket.timeout.ms", "60100")], 60), ([("socket.timeout.ms", "900")], 30),
        ([("transaction.timeout.ms", "1000"), ("socket.timeout.ms", "1000")], 1),
    ])
    func aTransactionsTimeFitsWhatTheUserSays(_ properties: [(String, String)], _ seconds: Int) async throws {
        let configuration = KafkaConfiguration(
            bootstrapServers: "127.0.0.1:9",
            properties: properties.map { (name: $0.0, value: $0.1) }
        )
        #expect(configuration.transactionTimeout == .seconds(seconds))
        // librdkafka refuses times that do not fit together.
        let producer = try KafkaProducer(configuration: configuration, transactionalID: "x")
        await producer.close(timeout: .seconds(5))
    }

    @Test func librdkafkasLogGoesToTheClosure() async throws {
        let (lines, sink) = AsyncStream<KafkaLogLine>.makeStream()
        let configuration = KafkaConfiguration(bootstrapServers: "127.0.0.1:9") { sink.yield($0) }
        let producer = try KafkaProducer(configuration: configuration)
        for await line in lines where line.message.contains("127.0.0.1:9") {
            #expect(line.level == 3 && line.client.contains("producer"))
            break
        }
        await producer.close(timeout: .seconds(5))
    }

    @Test func statisticsAreToldWhereTheyAreAskedFor() async throws {
        let broker = try EmbeddedBroker()
        let member = try Member(broker.bootstrapServers, properties: [("statistics.interval.ms", "50")])
        try await member.wait("statistics") { !$0.statistics.isEmpty }
        #expect(member.seen.statistics[0].hasPrefix("{"))
        #expect(await member.consumer.close(timeout: .seconds(10)))
    }
}
