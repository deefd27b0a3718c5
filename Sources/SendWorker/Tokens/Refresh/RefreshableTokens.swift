import FoundationEssentials
import InstagramMessaging
import Yams

/// A place of tokens that refreshed ones can be written back to.
protocol RefreshableTokens: TokenPlace {
    /// The folder that the files stand in; replicas that share it take turns.
    var folder: String { get }

    /// Finds out whether anything can be written.
    func probe() throws(FileReplacementError)

    /// When each account's token was written at the latest, as far as the files tell.
    func writtenAt() -> [String: Timestamp]

    /// Writes an account's new token in the place of the old one.
    ///
    /// - Throws: `changedMeanwhile` where the old one is not there any more.
    func replace(
        _ old: AccessToken,
        with new: AccessToken,
        of accountID: String,
        expiresAt: Timestamp
    ) throws(FileReplacementError)
}

extension TokenFile: RefreshableTokens {
    var folder: String { FolderOf.file(FileReplacement(of: path).path) }

    func probe() throws(FileReplacementError) { try FileReplacement(of: path).probe() }

    /// The whole map has one time, that of the last change of any account.
    func writtenAt() -> [String: Timestamp] { [:] }

    func replace(
        _ old: AccessToken,
        with new: AccessToken,
        of accountID: String,
        expiresAt: Timestamp
    ) throws(FileReplacementError) {
        guard let fingerprint = FileFingerprint(path: path), let contents = try? Data(contentsOf: URL(filePath: path)),
            let written = Self.replaced(in: Array(contents), old, new, of: accountID, expiresAt)
        else { throw .changedMeanwhile }
        try FileReplacement(of: path).replace(with: written, ifStill: fingerprint)
    }

    /// The file's bytes with the new entry; nil where the old token is not there.
    private static func replaced(
        in contents: [UInt8],
        _ old: AccessToken,
        _ new: AccessToken,
        of accountID: String,
        _ expiresAt: Timestamp
    ) -> [UInt8]? {
        guard let json = try? JSONReader.read(contents), json.members != nil else {
            return yaml(String(decoding: contents, as: UTF8.self), old, new, of: accountID, expiresAt)
        }
        guard let entry = json[accountID], let text = entry.string ?? entry["token"]?.string,
            String(text.trimmed) == old.revealed
        else { return nil }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("token", new.revealed)
        writer.member("expires_at", expiresAt.rfc3339)
        writer.endObject()
        // All else stays as it is written.
        return Array(contents[..<entry.range.lowerBound]) + writer.bytes + contents[entry.range.upperBound...]
    }

    private static func yaml(
        _ contents: String,
        _ old: AccessToken,
        _ new: AccessToken,
        of accountID: String,
        _ expiresAt: Timestamp
    ) -> [UInt8]? {
        guard let root = try? Yams.compose(yaml: contents), var mapping = root.mapping,
            let place = mapping.firstIndex(where: { $0.key.scalar?.string == accountID }),
            token(of: mapping[place].value) == old.revealed
        else { return nil }
        let entry: [(Node, Node)] = [
            (quoted("token"), quoted(new.revealed)), (quoted("expires_at"), quoted(expiresAt.rfc3339)),
        ]
        mapping[place].value = Node(entry, Tag(.map), .flow)
        let written = try? Yams.serialize(node: untagged(.mapping(mapping)), width: -1, allowUnicode: true)
        return written.map { Array($0.utf8) }
    }

    /// The same node, with maps that are written without a tag.
    private static func untagged(_ node: Node) -> Node {
        guard let mapping = node.mapping else { return node }
        return Node(mapping.map { ($0.key, untagged($0.value)) }, Tag(.map), mapping.style)
    }

    private static func token(of entry: Node) -> String? {
        let text = entry.scalar?.string ?? entry.mapping?["token"]?.scalar?.string
        return text.map { String($0.trimmed) }
    }

    private static func quoted(_ text: String) -> Node { Node(text, Tag(.str), .doubleQuoted) }
}

extension TokenDirectory: RefreshableTokens {
    var folder: String { path }

    func probe() throws(FileReplacementError) { try FileReplacement(of: "\(path)/probe").probe() }

    func writtenAt() -> [String: Timestamp] {
        (fingerprint() ?? [:]).mapValues { Timestamp(millisecondsSinceEpoch: $0.modifiedMilliseconds) }
    }

    func replace(
        _ old: AccessToken,
        with new: AccessToken,
        of accountID: String,
        expiresAt: Timestamp
    ) throws(FileReplacementError) {
        let file = "\(path)/\(accountID)"
        guard let fingerprint = FileFingerprint(path: file), let contents = try? Data(contentsOf: URL(filePath: file)),
            let text = String(bytes: contents, encoding: .utf8), String(text.trimmed) == old.revealed
        else { throw .changedMeanwhile }
        try FileReplacement(of: file).replace(with: Array("\(new.revealed)\n".utf8), ifStill: fingerprint)
    }
}

private enum FolderOf {
    static func file(_ path: String) -> String {
        let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return parent.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : parent
    }
}
