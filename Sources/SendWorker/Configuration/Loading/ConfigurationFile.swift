import FoundationEssentials
import YAML

/// A YAML file with configuration, as a flat list of keys.
package struct ConfigurationFile: Sendable, Hashable {
    /// The file's name as it is shown in messages.
    package let name: String
    /// The keys with their texts, in the file's order.
    let entries: [Entry]
    /// The faults of its structure; these parts are not in `entries`.
    let problems: [String]

    /// A key and what the file says about it.
    struct Entry: Sendable, Hashable {
        var key: String
        var text: String
        var line: Int
    }

    /// Reads a file.
    package init(path: String) throws(ConfigurationError) {
        let contents: Data
        do {
            contents = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw ConfigurationError(["file \(path) cannot be read; give --config a YAML file that this user may read"])
        }
        try self.init(name: path, bytes: Array(contents))
    }

    /// Takes the text of a file.
    package init(name: String, text: String) throws(ConfigurationError) {
        try self.init(name: name, bytes: Array(text.utf8))
    }

    private init(name: String, bytes: [UInt8]) throws(ConfigurationError) {
        self.name = name
        let document: YAMLDocument
        do throws(YAMLError) {
            document = try YAMLDocument(bytes)
        } catch {
            throw ConfigurationError(["file \(name) \(error)"])
        }
        var flattening = Flattening(file: name, document: document)
        if let root = document.root { flattening.add(root, at: "") }
        entries = flattening.entries
        problems = flattening.problems
    }
}

extension ConfigurationFile {
    /// Walks through the nested maps of a file.
    private struct Flattening {
        let file: String
        let document: YAMLDocument
        var entries: [Entry] = []
        var problems: [String] = []
        private var lines: [String: Int] = [:]

        init(file: String, document: YAMLDocument) {
            self.file = file
            self.document = document
        }

        mutating func add(_ node: YAMLNode, at key: String) {
            let known = ConfigurationKey.byName[key]
            switch node.content {
            case .map where known?.isSecret == true:
                // Its keys are not repeated: they may be the secret.
                problems.append("\(key): \(place(of: node)) holds a map; write one value, in quotes")
            case .map(let members):
                for member in members { add(member, at: key) }
            case .list(let items) where known?.isList == true:
                add(items, of: node, at: key)
            case .list:
                problems.append("\(key.isEmpty ? "" : "\(key): ")\(place(of: node)) holds a list; write one value")
            case .scalar(let scalar):
                add(scalar, of: node, at: key)
            }
        }

        private mutating func add(_ member: YAMLMember, at key: String) {
            guard !member.key.text.isEmpty else {
                let place = ConfigurationSource.file(file, line: member.place.line)
                problems.append("\(place) has a key that is not a text; write section.name or nested maps")
                return
            }
            add(member.value, at: key.isEmpty ? member.key.text : "\(key).\(member.key.text)")
        }

        /// A list's items stand for the same text with commas between them.
        private mutating func add(_ items: [YAMLNode], of node: YAMLNode, at key: String) {
            guard !items.isEmpty else {
                problems.append("\(key): \(place(of: node)) holds an empty list; write its items, or take the key away")
                return
            }
            var texts: [String] = []
            for item in items {
                guard let scalar = item.scalar, !scalar.text.isEmpty, !scalar.isNull else {
                    problems.append(
                        "\(key): \(place(of: item)) has an item that is no text; write one, or take it away"
                    )
                    return
                }
                texts.append(scalar.text)
            }
            append(texts.joined(separator: ","), of: node, at: key)
        }

        private mutating func add(_ scalar: YAMLScalar, of node: YAMLNode, at key: String) {
            if scalar.isNull,
                key.isEmpty || ConfigurationKey.sections.contains(key) || ConfigurationFamily.groups.contains(key)
            {
                // A file, or a section of it, of which every line is commented out.
                return
            }
            let hint = scalar.looksLikeMember ? "; write a space behind the colon of a key" : ""
            guard !key.isEmpty else {
                problems.append("\(place(of: node)) is not a map of keys; write it like retry.maxDelay: 60s\(hint)")
                return
            }
            if !hint.isEmpty, let reason = UnknownKey.reason(against: key) {
                problems.append("\(key.printable) (\(place(of: node))) \(reason)\(hint)")
                return
            }
            if ConfigurationKey.named(key)?.isSecret == true, let fault = fault(ofSecret: scalar, at: key) {
                problems.append("\(key.printable) (\(place(of: node))) \(fault)")
                return
            }
            append(scalar.isNull ? "" : scalar.text, of: node, at: key)
        }

        /// Returns how a secret lost its text, or a part of it, for want of quotes, or became another.
        private func fault(ofSecret scalar: YAMLScalar, at key: String) -> String? {
            if document.isFolded(scalar), !ConfigurationFamily.isPEM(key) {
                return "holds a line break, of which YAML makes a blank; write it on one line"
            }
            return switch (scalar.isNull, scalar.isFollowedByHash) {
            case (true, true): "is empty, for a # begins a comment; quote it"
            case (true, false): scalar.anchor == nil ? nil : "is empty, for what begins with & is a name; quote it"
            case (false, true): "ends where a # begins a comment; quote it, or put a space behind the #"
            case (false, false):
                scalar.text.isEmpty ? "is empty; write a text in quotes, or take the key away" : nil
            }
        }

        private mutating func append(_ text: String, of node: YAMLNode, at key: String) {
            if let before = lines[key] {
                problems.append(
                    "\(key.printable) (\(place(of: node))) stands there already on line \(before); take one away"
                )
                return
            }
            lines[key] = node.place.line
            entries.append(Entry(key: key, text: text, line: node.place.line))
        }

        private func place(of node: YAMLNode) -> String {
            ConfigurationSource.file(file, line: node.place.line).description
        }
    }
}
