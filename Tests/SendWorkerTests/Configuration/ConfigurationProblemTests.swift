import SendWorker
import Testing

@Suite("Configuration: problems")
struct ConfigurationProblemTests {
    private static func problems(
        options: [String] = [],
        environment: [String: String] = [:],
        file: String? = nil
    ) -> [String] {
        do throws(ConfigurationError) {
            var parsed: [ConfigurationOption] = []
            for option in options {
                parsed.append(try ConfigurationOption(assignment: option))
            }
            let yaml: ConfigurationFile?
            if let file { yaml = try ConfigurationFile(name: "worker.yaml", text: file) } else { yaml = nil }
            _ = try LoadedConfiguration.load(options: parsed, environment: environment, file: yaml)
            return []
        } catch {
            return error.problems
        }
    }

    @Test("a malformed value names the key, the value, its source and what to write")
    func malformed() {
        #expect(
            Self.problems(environment: ["RETRY_MAX_DELAY": "60 seconds"]) == [
                #"retry.maxDelay: "60 seconds" (environment RETRY_MAX_DELAY) is not a duration; write 60s"#
            ]
        )
        #expect(
            Self.problems(options: ["admin.port=70000"]) == [
                #"admin.port: "70000" (option --set) is out of range; write 0 to 65535"#
            ]
        )
        #expect(
            Self.problems(file: "log:\n  level: inof\n").first?.hasPrefix(
                #"log.level: "inof" (file worker.yaml line 2) is not one of the accepted words; write trace, "#
            ) == true
        )
    }

    @Test("all problems are told at once, one line each")
    func allAtOnce() {
        let problems = Self.problems(
            options: ["retry.maxAttempts=0", "retry.maxdelay=1s"],
            environment: ["ADMIN_PORT": "http", "LIMITS_MEDIA_PER_SECOND": "-1"],
            file: "graph:\n  baseURL: ftp://x\n  verison: v23.0\n"
        )
        #expect(problems.count == 6)
        #expect(problems.allSatisfy { !$0.contains("\n") })
        for key in [
            "retry.maxAttempts", "retry.maxdelay", "admin.port", "limits.mediaPerSecond", "graph.baseURL",
            "graph.verison",
        ] {
            #expect(problems.contains { $0.hasPrefix(key) }, "\(key)")
        }
    }

    @Test(
        "an unknown key is refused with the key that was probably meant",
        arguments: [
            ("retry.maxdelay", "did you mean retry.maxDelay?"),
            ("kafka.bootstrapServer", "did you mean kafka.bootstrapServers?"),
            ("maxInFlight", "did you mean worker.maxInFlight?"), ("graph.maxElapsed", "did you mean retry.maxElapsed?"),
            ("limits.accounts.1.mediaPerSec", "did you mean limits.accounts.1.mediaPerSecond?"),
            (
                "limits.accounts.abc.mediaPerSecond",
                "names no account; write limits.accounts.<1 to 32 digits>.messagesPerSecond"
            ),
            ("kafka.properties.group.id", "is set by the worker; write kafka.groupId"),
            ("kafka.properties.enable.auto.commit", "is set by the worker; take it away"),
            ("retry", "is a section and has no value of its own; write retry.initialDelay"),
            ("quux.zork", "is not a known key; send-worker config lists all keys"),
        ]
    )
    func unknownKeys(key: String, hint: String) {
        let option = Self.problems(options: ["\(key)=1"])
        #expect(option.count == 1)
        #expect(option[0].hasPrefix("\(key) (option --set) ") && option[0].hasSuffix(hint), "\(option)")
        let file = Self.problems(file: "log: { level: info }\n\(key): 1\n")
        #expect(file.count == 1)
        #expect(file[0].hasPrefix("\(key) (file worker.yaml line 2) ") && file[0].hasSuffix(hint), "\(file)")
    }

    @Test("a key of an earlier version is refused wherever it stands, with the name of the new one")
    func replacedKey() {
        let problems = [
            Self.problems(options: ["safety.minimumAccounts=50"]),
            Self.problems(file: "safety: { minimumAccounts: 50 }\n"),
            Self.problems(environment: ["SAFETY_MINIMUM_ACCOUNTS": "50"]),
        ]
        for found in problems {
            #expect(found.count == 1)
            #expect(found.first?.hasPrefix("safety.minimumAccounts (") == true, "\(found)")
            #expect(found.first?.contains("write safety.minimumCalls") == true, "\(found)")
        }
    }

    @Test("an environment variable that misses a key by a letter is a warning, and other programs' variables are not")
    func nearlyAKey() throws {
        let loaded = try LoadedConfiguration.load(environment: [
            "KAFKA_BOOTSTRAP_SERVER": "a:1", "KAFKA_SERVICE_HOST": "x", "KAFKA_PORT_9092_TCP": "x", "GRAPHITE": "x",
        ])
        #expect(
            loaded.warnings == ["environment KAFKA_BOOTSTRAP_SERVER is not used; did you mean KAFKA_BOOTSTRAP_SERVERS?"]
        )
    }

    @Test("a variable for an account or a property that cannot be is told")
    func variablesOfFamilies() throws {
        #expect(
            Self.problems(environment: ["KAFKA_PROPERTIES_GROUP_ID": "x"]) == [
                "kafka.properties.group.id (environment KAFKA_PROPERTIES_GROUP_ID) is set by the worker; write kafka.groupId"
            ]
        )
        #expect(Self.problems(environment: ["LIMITS_ACCOUNTS_17_MEDIA_PER_SECOND": "0"]).count == 1)
        #expect(Self.problems(environment: ["LIMITS_ACCOUNTS__MEDIA_PER_SECOND": "1"]).count == 1)
        let loaded = try LoadedConfiguration.load(environment: ["LIMITS_ACCOUNTS_17_MEDIA": "1"])
        #expect(loaded.warnings.first?.hasPrefix("environment LIMITS_ACCOUNTS_17_MEDIA is not used") == true)
    }

    @Test(
        "no message repeats a secret",
        arguments: [
            ["graph.appSecret=hush\nhush"], ["kafka.properties.sasl.password=hush", "kafka.groupId="], ["hush"],
            ["=hush"],
        ]
    )
    func secrets(options: [String]) {
        let problems = Self.problems(options: options)
        #expect(!problems.isEmpty)
        #expect(!problems.joined().contains("hush"))
    }

    @Test(
        "a file that is not YAML is refused with the line, and the line's text is not repeated",
        arguments: [
            "graph:\n  appSecret: [hush\n", "graph:\n  appSecret: hush\n  appSecret: hush\n", "graph: hush: hush\n",
            "\t hush\n",
        ]
    )
    func notYAML(text: String) {
        let problems = Self.problems(file: text)
        #expect(problems.count == 1)
        #expect(problems[0].hasPrefix("file worker.yaml"))
        #expect(problems[0].contains("line "))
        #expect(!problems[0].contains("hush"))
    }

    @Test("a list, a text in place of the map, and a key said twice are refused")
    func structure() {
        #expect(
            Self.problems(file: "kafka:\n  groupId: [a, b]\n") == [
                "kafka.groupId: file worker.yaml line 2 holds a list; write one value"
            ]
        )
        #expect(Self.problems(file: "just a text").count == 1)
        #expect(
            Self.problems(file: "retry: { maxDelay: 2s }\nretry.maxDelay: 3s\n") == [
                "retry.maxDelay (file worker.yaml line 2) stands there already on line 1; take one away"
            ]
        )
    }

    @Test("values that contradict each other are refused")
    func contradictions() {
        #expect(
            Self.problems(environment: ["RETRY_MAX_DELAY": "100ms"]) == [
                #"retry.maxDelay: "100ms" (environment RETRY_MAX_DELAY) and retry.initialDelay: "500ms" (default): "#
                    + "the longest delay is shorter than the first one; write retry.maxDelay: 500ms or more"
            ]
        )
        #expect(Self.problems(options: ["tokens.file=/a", "tokens.directory=/b"]).count == 1)
        #expect(Self.problems(options: ["topics.results=instagram.send.requests"]).count == 1)
        #expect(Self.problems(options: ["retry.maxDelay=500ms"]) == [])
    }

    @Test("more calls at once than messages may be in doubt are a warning")
    func moreCallsThanDoubt() throws {
        let narrow = try LoadedConfiguration.load(environment: ["WORKER_MAX_IN_FLIGHT": "2000"])
        #expect(
            narrow.warnings == [
                "worker.maxInFlight: no more than 1000 calls run at once, as delivery.maxInDoubt has it; raise both, or lower "
                    + "worker.maxInFlight"
            ]
        )
        let both = ["WORKER_MAX_IN_FLIGHT": "2000", "DELIVERY_MAX_IN_DOUBT": "4000"]
        #expect(try LoadedConfiguration.load(environment: both).warnings == [])
    }

    @Test("a token that would travel unencrypted to another machine is a warning")
    func unencrypted() throws {
        let local = try LoadedConfiguration.load(environment: ["GRAPH_BASE_URL": "http://127.0.0.1:8089/"])
        #expect(local.warnings == [])
        #expect(local.configuration.graph.baseURL == "http://127.0.0.1:8089")
        let remote = try LoadedConfiguration.load(environment: ["GRAPH_BASE_URL": "http://graph.example"])
        #expect(remote.warnings.count == 1)
    }

    @Test(
        "a librdkafka property on which a promise rests keeps its value",
        arguments: [
            ("auto.offset.reset", "latest", "requests that wait would be passed over and never get a result"),
            ("auto.offset.reset", "none", "write earliest or take it away"),
            ("acks", "1", "write all or take it away"), ("request.required.acks", "0", "write all"),
            ("enable.idempotence", "false", "written twice"), ("group.protocol", "consumer", "KIP-848"),
            ("group.remote.assignor", "uniform", "KIP-848"), ("isolation.level", "read_uncommitted", "take it away"),
            ("allow.auto.create.topics", "true", "a misspelt topic"), ("partitioner", "random", "order and limits"),
            ("test.mock.num.brokers", "3", "take it away"), ("sasl.mechanism", "AWS_MSK_IAM", "SCRAM-SHA-512"),
            ("queuing.strategy", "lifo", "out of order"), ("enable.partition.eof", "true", "take it away"),
            ("auto.commit.enable", "true", "take it away"), ("enabled_events", "2", "take it away"),
        ]
    )
    func promisedProperties(property: String, value: String, hint: String) {
        let problems = Self.problems(options: ["kafka.properties.\(property)=\(value)"])
        #expect(problems.count == 1 && problems[0].contains(hint), "\(problems)")
        #expect(problems[0].hasPrefix("kafka.properties.\(property)"))
    }

    @Test(
        "a librdkafka property is left to the user otherwise",
        arguments: [
            "auto.offset.reset=earliest", "acks=all", "acks=-1", "enable.idempotence=true", "linger.ms=50",
            "allow.auto.create.topics=false", "partition.assignment.strategy=range", "compression.type=zstd",
            "sasl.mechanism=SCRAM-SHA-512", "message.max.bytes=2000000", "security.protocol=SASL_SSL",
        ]
    )
    func otherProperties(assignment: String) {
        #expect(Self.problems(options: ["kafka.properties.\(assignment)"]) == [])
    }

    @Test("what librdkafka does not take is told with the other problems, and no secret with it")
    func librdkafkasRefusals() {
        let problems = Self.problems(options: [
            "kafka.properties.no.such.property=x", "kafka.properties.session.timeout.ms=soon",
            "kafka.properties.security.protocol=sasl", "retry.maxDelay=soon",
        ])
        #expect(problems.count == 4, "\(problems)")
        #expect(problems.contains { $0.contains("no.such.property") && $0.contains("names no property") })
        #expect(problems.contains { $0.contains(#"session.timeout.ms: "soon" (option --set) is not accepted"#) })
        let secret = Self.problems(options: [
            "kafka.properties.ssl.keystore.password=", "kafka.properties.client.secret=hush",
        ])
        #expect(secret.allSatisfy { !$0.contains("hush") }, "\(secret)")
    }

    @Test("properties that do not fit together are named together")
    func propertiesTogether() {
        let slow = Self.problems(options: [
            "kafka.properties.session.timeout.ms=6000", "kafka.properties.heartbeat.interval.ms=6000",
        ])
        #expect(slow.count == 1 && slow[0].contains("session of 6s"), "\(slow)")
        let bearer = Self.problems(options: ["kafka.properties.sasl.mechanisms=OAUTHBEARER"])
        #expect(bearer.count == 1 && bearer[0].contains("write sasl.oauthbearer.method: oidc"), "\(bearer)")
        #expect(
            Self.problems(options: [
                "kafka.properties.sasl.mechanism=OAUTHBEARER",
                "kafka.properties.enable.sasl.oauthbearer.unsecure.jwt=true",
            ]) == []
        )
    }
}
