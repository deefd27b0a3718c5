import FoundationEssentials
import Yams

/// A YAML file with configuration, as a flat list of keys.
///
/// Read with Yams and not with swift-configuration's `YAMLSnapshot`, which neither lists the keys of a file, so that
/// unknown ones could be refused, nor tells the line of a value.
package struct ConfigurationFile: Sendable, Hashable {
    /// The file's name as it is shown in messages.
    package let name: String
    /// What it says, in its order.
    let entries: [Entry]
    /// What of its structure is wrong; these parts are not in `entries`.
    let problems: [String]

    /// A key and what the file says about it.
    struct Entry: Sendable, Hashable {
        var key: String
        var text: String
        var line: Int?
    }

    /// Reads a file.
    package init(path: String) throws(ConfigurationError) {
        let contents: Data
        do {
            contents = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw ConfigurationError(["file \(path) cannot be read; give --config a YAML file that this user may read"])
        }
        guard let text = String(bytes: contents, encoding: .utf8) else {
            throw ConfigurationError(["file \(path) is not UTF-8 text"])
        }
        try self.init(name: path, text: text)
    }

    /// Takes the text of a file.
    package init(name: String, text: String) throws(ConfigurationError) {
        self.name = name
        var flattening = Flattening(file: name)
        if let root = try Self.root(of: text, file: name) {
            flattening.add(root, at: "")
        }
        entries = flattening.entries
        problems = flattening.problems
    }

    private static func root(of text: String, file: String) throws(ConfigurationError) -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch {
            throw ConfigurationError([YAMLProblem(error).sentence(about: "file \(file)")])
        }
    }
}

/// What a YAML parser says, without the line that it quotes: that line may hold a secret.
struct YAMLProblem {
    private var line: Int?
    private let reason: String

    init(_ error: any Error) {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            line = mark.line
            reason = problem.split(separator: "\n").first.map(String.init) ?? "malformed"
        case .duplicatedKeysInMapping(_, let context):
            line = context.mark.line
            reason = "a key stands twice in one map"
        default:
            reason = "malformed"
        }
    }

    /// `file worker.yaml line 3 is not YAML: …`
    func sentence(about subject: String) -> String {
        subject + (line.map { " line \($0)" } ?? "") + " is not YAML: " + reason
    }
}

extension ConfigurationFile {
    /// Walks through the nested maps of a file.
    private struct Flattening {
        let file: String
        var entries: [Entry] = []
        var problems: [String] = []
        private var lines: [String: Int?] = [:]

        init(file: String) {
            self.file = file
        }

        mutating func add(_ node: Node, at key: String) {
            switch node {
            case .mapping(let mapping):
                for (name, value) in mapping {
                    guard let name = name.scalar?.string, !name.isEmpty else {
                        problems.append(
                            "\(place(of: name)) has a key that is not a text; write section.name or nested maps"
                        )
                        continue
                    }
                    add(value, at: key.isEmpty ? name : "\(key).\(name)")
                }
            case .scalar(let scalar):
                add(scalar, of: node, at: key)
            default:
                problems.append("\(key.isEmpty ? "" : "\(key): ")\(place(of: node)) holds a list; write one value")
            }
        }

        private mutating func add(_ scalar: Node.Scalar, of node: Node, at key: String) {
            let isNull = node.tag == Tag(.null)
            if isNull,
                key.isEmpty || ConfigurationKey.sections.contains(key) || ConfigurationFamily.groups.contains(key)
            {
                // A file, or a section of it, of which every line is commented out.
                return
            }
            guard !key.isEmpty else {
                problems.append("\(place(of: node)) is not a map of keys; write it like retry.maxDelay: 60s")
                return
            }
            if let before = lines[key] {
                let first = before.map { " on line \($0)" } ?? ""
                problems.append("\(key) (\(place(of: node))) stands there already\(first); take one away")
                return
            }
            lines[key] = .some(node.mark?.line)
            entries.append(Entry(key: key, text: isNull ? "" : scalar.string, line: node.mark?.line))
        }

        private func place(of node: Node) -> String {
            ConfigurationSource.file(file, line: node.mark?.line).description
        }
    }
}
