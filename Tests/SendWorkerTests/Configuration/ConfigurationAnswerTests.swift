import Foundation
import SendWorker
import Testing

/// What is answered to whole configurations, one case after the other from `Tests/Fixtures/configuration`.
@Suite struct ConfigurationAnswerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var title: String
        var kind: String
        var given: String
        var answer: [String]

        var testDescription: String { title }
    }

    static let cases: [Case] = fixture("answers.txt").components(separatedBy: "\n==== ").dropFirst().map { text in
        let lines = text.split(separator: "\n").map(String.init)
        let given = lines[1].split(separator: " ", maxSplits: 1).map(String.init)
        return Case(title: lines[0], kind: given[0], given: given[1], answer: Array(lines.dropFirst(2)))
    }

    static func fixture(_ name: String) -> String {
        let tests = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return (try? String(contentsOf: tests.appending(path: "Fixtures/configuration/\(name)"), encoding: .utf8)) ?? ""
    }

    /// The complaints; else the warnings and every value that somebody has set.
    private static func answer(to given: Case) throws -> [String] {
        let json = Data(given.given.utf8)
        let decoder = JSONDecoder()
        do throws(ConfigurationError) {
            var (options, environment, file) = ([ConfigurationOption](), [String: String](), ConfigurationFile?.none)
            switch given.kind {
            case "file":
                let text = (try? decoder.decode(String.self, from: json)) ?? ""
                file = try ConfigurationFile(name: "worker.yaml", text: text)
            case "environment": environment = (try? decoder.decode([String: String].self, from: json)) ?? [:]
            default:
                for assignment in (try? decoder.decode([String].self, from: json)) ?? [] {
                    options.append(try ConfigurationOption(assignment: assignment))
                }
            }
            let loaded = try LoadedConfiguration.load(options: options, environment: environment, file: file)
            return loaded.warnings.map { "warning: \($0)" }
                + loaded.report.entries.filter { $0.source != .byDefault }
                .map { "\($0.key) is \($0.value ?? "none") (\($0.source))" }
        } catch {
            return error.problems
        }
    }

    @Test(arguments: cases)
    func answersAsRecorded(given: Case) throws {
        let answer = try Self.answer(to: given)
        #expect(answer == given.answer)
        #expect(!answer.joined().contains("hush"))
    }

    @Test func findsItsCases() {
        #expect(Self.cases.count > 100)
    }

    /// The line of every key: its name, a blank, its variable.
    @Test func everyKeyKeepsItsNameInTheEnvironment() {
        let recorded = Self.fixture("environment-names.txt").split(separator: "\n").map(String.init)
        #expect(recorded == ConfigurationKey.all.map { "\($0.name) \(EnvironmentName.of($0.name))" })
    }

    @Test func everyVariableReachesItsKey() throws {
        for line in Self.fixture("environment-names.txt").split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            let key = try #require(ConfigurationKey.all.first { $0.name == words[0] })
            let error = #expect(throws: ConfigurationError.self, "\(line)") {
                // No key takes a control character.
                try LoadedConfiguration.load(environment: [words[1]: "\u{7}\n"])
            }
            #expect(error?.problems.count == 1)
            #expect(error?.problems.first?.contains("(environment \(words[1]))") == true, "\(key.name)")
        }
    }
}
