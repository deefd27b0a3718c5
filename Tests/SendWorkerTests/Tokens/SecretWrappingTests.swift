import Testing

@testable import SendWorker

@Suite("Secrets with something around them")
struct SecretWrappingTests {
    private static let token = "EAAGhushHUSHhush0123"

    @Test(arguments: [
        ("\"\(token)\"", "stands in quotation marks; write it without them"), ("'\(token)'\n", "quotation marks"),
        ("\"\(token)", "quotation marks"), ("\(token)\"", "quotation marks"), ("“\(token)”", "quotation marks"),
        ("IG_TOKEN=\(token)", "write only what follows them"), ("export TOKEN=\(token)\n", "KEY=…"),
        ("access_token=\(token)", "KEY=…"), ("TOKEN = \(token)", "KEY=…"), ("token: \(token)", "a colon"),
        ("Bearer \(token)", "begins with Bearer; write only what follows it"),
        ("{\"access_token\": \"\(token)\"}\n", "is JSON; write the text alone that stands in it"),
        ("{\n  \"token\": \"\(token)\"\n}\n", "is JSON"), ("[\"\(token)\"]", "is JSON"),
        ("EAAG\nhush", "holds a line break; write it on one line"), ("EAAG\r\nhush\n", "holds a line break"),
        ("EAAG hush", "holds a space"), ("\n", "is empty"),
    ])
    func `a token with something around it is refused in words that show nothing of it`(text: String, words: String) {
        let fault = #expect(throws: AccessToken.Fault.self) { try AccessToken(checking: text) }
        #expect(fault?.description.contains(words) == true, "\(fault as Any)")
        #expect(fault?.description.lowercased().contains("hush") == false)
    }

    @Test(arguments: [
        token, "\(token)\n", "\(token)\r\n", "1234|abc-_.", "\(token)==", "EAAG:x", "EAA'G",
        String(repeating: "E", count: 100) + "=x", "4=x",
    ])
    func `a token that only looks a little like that is taken`(text: String) throws {
        #expect(try AccessToken(checking: text).revealed == String(text.withoutLineEnds))
    }

    @Test(arguments: [
        ("GRAPH_APP_SECRET", "a\nhush", "graph.appSecret", "holds a line break; write it on one line"),
        ("GRAPH_APP_SECRET", "\"hush\"", "graph.appSecret", "stands in quotation marks; write it without them"),
        ("GRAPH_APP_SECRET", "hush\u{7}", "graph.appSecret", "holds a control character"),
        ("GRAPH_APP_SECRET", "{\"s\":\"hush\"}", "graph.appSecret", "is JSON"),
        ("GRAPH_APP_SECRET", "\n", "graph.appSecret", "is empty"),
        ("KAFKA_PROPERTIES_SASL_PASSWORD", "a\nhush", "kafka.properties.sasl.password", "holds a line break"),
        ("KAFKA_PROPERTIES_SASL_PASSWORD", "a\r\nhush\n", "kafka.properties.sasl.password", "holds a line break"),
        ("KAFKA_PROPERTIES_SSL_KEY_PASSWORD", "a\u{2028}hush", "kafka.properties.ssl.key.password", "a line break"),
        ("ADMIN_TOKEN", "a\thush", "admin.token", "holds a control character"),
        ("ADMIN_TOKEN", "a\nhush", "admin.token", "holds a line break"),
        ("GRAPH_PROXY", "http://u:hu\nsh@proxy:3128", "graph.proxy", "holds a line break"),
        ("GRAPH_PROXY", "http://u:hush%0Ahush@proxy:3128", "graph.proxy", "holds a line break (%0A or %0D)"),
        ("TRACING_HEADERS", "k=hu\nsh", "tracing.headers", "holds a line break"),
    ])
    func `a secret of the configuration is refused with its key and source`(
        variable: String,
        text: String,
        key: String,
        words: String
    ) {
        let error = #expect(throws: ConfigurationError.self) {
            try LoadedConfiguration.load(environment: [variable: text])
        }
        #expect(error?.problems.count == 1)
        #expect(error?.problems.first?.hasPrefix("\(key) (environment \(variable)) ") == true, "\(error as Any)")
        #expect(error?.problems.first?.contains(words) == true, "\(error as Any)")
        #expect(error?.description.contains("hush") == false)
    }

    @Test func `the line end behind a secret is taken off, and all else stays`() throws {
        let configuration = try LoadedConfiguration.load(environment: [
            "GRAPH_APP_SECRET": "abc\n", "KAFKA_PROPERTIES_SASL_PASSWORD": "\"p w\" = {x} \r\n",
            "GRAPH_PROXY": "http://u:p@proxy:3128\n", "ADMIN_TOKEN": "t\n\n", "KAFKA_PROPERTIES_SSL_KEY_PASSWORD": "",
        ]).configuration
        #expect(configuration.graph.appSecret?.revealed == "abc")
        #expect(configuration.graph.proxy?.revealed == "http://u:p@proxy:3128")
        #expect(configuration.admin.token?.revealed == "t")
        #expect(configuration.kafka.properties["sasl.password"]?.revealed == "\"p w\" = {x} ")
        #expect(configuration.kafka.properties["ssl.key.password"]?.revealed == "")
    }

    @Test func `a PEM text keeps its lines`() throws {
        let text = "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n"
        let file =
            "kafka:\n  properties:\n    ssl.ca.pem: |\n"
            + text.split(separator: "\n").map { "      \($0)\n" }.joined()
        let loaded = try LoadedConfiguration.load(file: ConfigurationFile(name: "worker.yaml", text: file))
        #expect(loaded.configuration.kafka.properties["ssl.ca.pem"]?.revealed == text)
    }

    @Test(arguments: [
        "kafka:\n  properties:\n    sasl.password: hush\n      hush\n",
        "kafka: {properties: {sasl.password: \"hush\n  hush\"}}\n",
        "kafka:\n  properties:\n    sasl.password: >-\n      hush\n      hush\n",
        "kafka:\n  properties:\n    sasl.password: |\n      hush\n      hush\n",
    ])
    func `a secret over two lines of a file is refused, of which YAML would make one`(text: String) throws {
        let file = try ConfigurationFile(name: "worker.yaml", text: text)
        let error = #expect(throws: ConfigurationError.self) { try LoadedConfiguration.load(file: file) }
        #expect(error?.description.contains("kafka.properties.sasl.password (file worker.yaml line") == true)
        #expect(error?.description.contains("holds a line break") == true, "\(error as Any)")
        #expect(error?.description.contains("hush") == false)
    }

    @Test(arguments: [
        "kafka:\n  properties:\n    sasl.password: >-\n      se cret\n",
        "kafka:\n  properties:\n    sasl.password: \"se \\\n      cret\"\n",
        "kafka:\n  properties:\n    sasl.password: |\n      se cret\n\n",
        #"{"kafka": {"properties": {"sasl.password": "se cret\n"}}}"#,
    ])
    func `a secret on one line is taken however it is written`(text: String) throws {
        let loaded = try LoadedConfiguration.load(file: ConfigurationFile(name: "worker.yaml", text: text))
        #expect(loaded.configuration.kafka.properties["sasl.password"]?.revealed == "se cret")
    }

    @Test func `a JSON file's escapes beyond one unit are read, and half of one is no secret`() throws {
        func password(_ escape: String) throws -> String? {
            let text = #"{"kafka": {"properties": {"sasl.password": "a\#(escape)b"}}, "log": {"level": "info"}}"#
            return try LoadedConfiguration.load(file: ConfigurationFile(name: "worker.json", text: text))
                .configuration.kafka.properties["sasl.password"]?.revealed
        }
        #expect(try password(#"\ud83d\ude00"#) == "a😀b")
        let error = #expect(throws: ConfigurationError.self) { try password(#"\ud83d"#) }
        #expect(error?.description.contains("holds a character that cannot be read") == true)
    }
}
