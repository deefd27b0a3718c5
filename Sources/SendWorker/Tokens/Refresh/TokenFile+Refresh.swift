import FoundationEssentials
import InstagramMessaging
import Yams

extension TokenFile: RefreshableTokens {
    var folder: String { FileReplacement(of: path).folder }

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

    /// The file's bytes with the new token and its end; nil where the old token is not there.
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
        // From the end to the beginning, so that no edit moves the next one's place. All else stays as it is written.
        return edits(of: entry, new, expiresAt).sorted { $0.range.lowerBound > $1.range.lowerBound }
            .reduce(into: contents) { $0.replaceSubrange($1.range, with: $1.bytes) }
    }

    private typealias Edit = (range: Range<Int>, bytes: [UInt8])

    private static func edits(of entry: JSONValue, _ new: AccessToken, _ expiresAt: Timestamp) -> [Edit] {
        let (token, end) = (quoted(new.revealed), quoted(expiresAt.rfc3339))
        guard let oldToken = entry["token"] else {
            return [(entry.range, Array("{\"token\":\(token),\"expires_at\":\(end)}".utf8))]
        }
        guard let oldEnd = entry["expires_at"] else {
            return [(oldToken.range, Array("\(token), \"expires_at\": \(end)".utf8))]
        }
        return [(oldToken.range, Array(token.utf8)), (oldEnd.range, Array(end.utf8))]
    }

    private static func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension TokenFile {
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
        var entry = mapping[place].value.mapping ?? Node.Mapping([], Tag(.map), .flow)
        entry["token"] = scalar(new.revealed)
        entry["expires_at"] = scalar(expiresAt.rfc3339)
        mapping[place].value = .mapping(entry)
        let written = try? Yams.serialize(node: untagged(.mapping(mapping)), width: -1, allowUnicode: true)
        return written.map { Array($0.utf8) }
    }

    /// The same node, with maps and lists that are written without a tag.
    private static func untagged(_ node: Node) -> Node {
        switch node {
        case .mapping(let mapping):
            Node(mapping.map { (untagged($0.key), untagged($0.value)) }, Tag(.map), mapping.style)
        case .sequence(let sequence): Node(sequence.map(untagged), Tag(.seq), sequence.style)
        case .scalar, .alias: node
        }
    }

    private static func token(of entry: Node) -> String? {
        let text = entry.scalar?.string ?? entry.mapping?["token"]?.scalar?.string
        return text.map { String($0.trimmed) }
    }

    private static func scalar(_ text: String) -> Node { Node(text, Tag(.str), .doubleQuoted) }
}
