import Foundation
import SendWorker
import Testing

@Suite("Configuration: report, help and example")
struct ConfigurationReportTests {
    private static func loaded() throws -> LoadedConfiguration {
        try LoadedConfiguration.load(
            environment: ["GRAPH_APP_SECRET": "hush"],
            file: ConfigurationFile(name: "worker.yaml", text: "limits: { accounts: { 17: { mediaPerSecond: 3 } } }\n")
        )
    }

    @Test("the text has a line for each key with value, source, default and meaning, and hides secrets")
    func text() throws {
        let lines = try Self.loaded().report.text.split(separator: "\n")
        #expect(lines.count == 1 + ConfigurationKey.all.count + 1)
        let secret = try #require(lines.first { $0.hasPrefix("graph.appSecret ") })
        #expect(secret.contains(/<redacted> +environment GRAPH_APP_SECRET +none +the app's secret/))
        let limit = try #require(lines.firstIndex { $0.hasPrefix("limits.accounts.17.mediaPerSecond ") })
        #expect(lines[limit].contains("file worker.yaml line 1"))
        #expect(lines[limit - 1].hasPrefix("limits."))
        #expect(lines[limit + 1].hasPrefix("retry."))
        #expect(!lines.joined().contains("hush"))
    }

    @Test("the JSON has an object for each key, with null for what is not set")
    func json() throws {
        let text = try Self.loaded().report.json
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
        let delay = try #require(rows.first { $0["key"] as? String == "retry.maxDelay" })
        #expect(delay["value"] as? String == "60s")
        #expect(delay["source"] as? String == "default")
        #expect(delay["type"] as? String == "duration")
        let instance = try #require(rows.first { $0["key"] as? String == "kafka.instanceId" })
        #expect(instance["value"] is NSNull && instance["unit"] is NSNull)
        let secret = try #require(rows.first { $0["key"] as? String == "graph.appSecret" })
        #expect(secret["value"] as? String == "<redacted>" && secret["secret"] as? Bool == true)
        #expect(!text.contains("hush"))
    }

    @Test("the configuration itself prints no secret")
    func printing() throws {
        var dumped = ""
        let configuration = try Self.loaded().configuration
        dump(configuration, to: &dumped)
        dumped += "\(configuration)"
        #expect(!dumped.contains("hush"))
    }

    @Test("the help names every key with its environment variable")
    func help() {
        for key in ConfigurationKey.all {
            #expect(ConfigurationGuide.help.contains("  \(key.name)\n      \(key.meaning)\n"))
        }
        #expect(ConfigurationGuide.help.contains("environment KAFKA_BOOTSTRAP_SERVERS\n"))
    }

    @Test("the example names every key, and loading it changes nothing")
    func exampleLoads() throws {
        let example = ConfigurationGuide.exampleFile
        let loaded = try LoadedConfiguration.load(file: ConfigurationFile(name: "example", text: example))
        #expect(loaded.configuration == WorkerConfiguration())
        let fromFile = loaded.report.entries.filter { $0.source != .byDefault }.map(\.key)
        #expect(fromFile == ConfigurationKey.all.filter { $0.defaultText != nil }.map(\.name))
        for key in ConfigurationKey.all {
            #expect(example.contains(" \(key.name.split(separator: ".")[1]):"), "\(key.name)")
        }
    }

    @Test("what the example has commented out can be used as it stands")
    func commentedExamples() throws {
        let lines = ConfigurationGuide.exampleFile.split(separator: "\n")
        let hidden = ["# properties:", "#   security.protocol", "# accounts:", "#   \"178"]
        let opened = lines.map { line in
            let isHidden = hidden.contains { line.trimmingCharacters(in: .whitespaces).hasPrefix($0) }
            return isHidden ? line.replacing("# ", with: "", maxReplacements: 1) : line
        }
        let file = try ConfigurationFile(name: "example", text: opened.joined(separator: "\n"))
        let configuration = try LoadedConfiguration.load(file: file).configuration
        #expect(configuration.kafka.properties["security.protocol"]?.revealed == "SASL_SSL")
        #expect(configuration.limits.accounts.count == 1)
    }

    @Test("the example file of the project is the generated one")
    func exampleIsInStep() throws {
        let path = try #require(Self.exampleFile(), "no docker/send-worker.example.yaml above this test")
        let stored = try String(contentsOf: path, encoding: .utf8)
        #expect(stored == ConfigurationGuide.exampleFile, "write it anew with: send-worker config --example")
    }

    private static func exampleFile() -> URL? {
        var folder = URL(filePath: #filePath).resolvingSymlinksInPath()
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appending(path: "docker/send-worker.example.yaml")
            if FileManager.default.fileExists(atPath: candidate.path) {
                return candidate
            }
        }
        return nil
    }
}
