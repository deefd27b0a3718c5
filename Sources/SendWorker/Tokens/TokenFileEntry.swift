import InstagramMessaging
import YAML

/// An account's entry of a token file, but for its token: the values in place of settings of `graph.*`.
struct AccountEntry {
    /// Why an entry cannot be used, to be read behind the place; shows no secret.
    struct Fault: Error, Hashable {
        let description: String
    }

    private static let names = ["pathID", "baseURL", "appSecret"]

    let accountID: String
    private let entry: YAMLNode

    init(of accountID: String, _ entry: YAMLNode) {
        self.accountID = accountID
        self.entry = entry
    }

    /// The settings; empty where the entry has none.
    func settings() throws(Fault) -> AccountSettings {
        guard let members = entry.map else { return AccountSettings() }
        for member in members { try refuseMisspelt(member.key.text) }
        return AccountSettings(
            pathID: try value("pathID", Self.pathID),
            baseURL: try value("baseURL", .baseURL(example: "https://graph.facebook.com")),
            appSecret: try value("appSecret", .appSecret)
        )
    }

    /// A line about what is allowed and probably not meant; nil where nothing is.
    static func warning(of settings: AccountSettings, _ accountID: String) -> String? {
        guard let url = settings.baseURL, ConfigurationCheck.isUnencrypted(url) else { return nil }
        return "the access token of account \(accountID) goes to \(url) unencrypted; write an https URL"
    }

    private static let pathID = ValueFormat<String>.checked(
        "id",
        accepted: "1 to 32 digits, with Facebook Login the Page's id"
    ) { ConfigurationFamily.isAccountID($0) ? nil : "is not an id" }

    private func value<Value>(_ name: String, _ format: ValueFormat<Value>) throws(Fault) -> Value? {
        guard let node = entry[name] else { return nil }
        guard let scalar = node.scalar, !scalar.isProbablyCut else {
            let hint =
                node.scalar == nil
                ? "is no text; write \(format.accepted)"
                : "lost its text, or the end of it, to a comment or a name; quote a text that holds # or begins with &"
            throw Fault(description: "\(name) of account \(accountID) \(hint)")
        }
        guard !scalar.isNull else { return nil }
        switch format.parse(scalar.text) {
        case .success(let value): return value
        case .failure(let refusal):
            throw Fault(description: "\(name) of account \(accountID) \(refusal.reason)")
        }
    }

    /// Other members are the owner's notes, but for a name that was probably meant as one of these: the account would be
    /// called at another place, or as another application.
    private func refuseMisspelt(_ name: String) throws(Fault) {
        guard !Self.names.contains(name) else { return }
        let letters = name.filter { $0 != "_" && $0 != "-" }
        guard let meant = NearestName.of(letters, among: Self.names, limit: 2) else { return }
        throw Fault(
            description: "the entry of account \(accountID) has a member that nothing reads; did you mean \(meant)?"
        )
    }
}

/// An account's entry in the source of a token file.
struct TokenEntry {
    let document: YAMLDocument
    let member: YAMLMember

    /// The changes that write another token and its end in their places; all else stays as it is written.
    ///
    /// - Returns: Nil where there is no place for one of the two.
    func edits(to token: AccessToken, expiresAt: Timestamp) -> [YAMLEdit]? {
        guard let place = member.value.map?.first(where: { $0.key.text == "token" }) else {
            return map(of: token, expiresAt).map { [$0] }
        }
        let isQuoted = Self.isJSON(place)
        guard var tokenEdit = edit(place, to: token.revealed) else { return nil }
        guard let end = member.value.map?.first(where: { $0.key.text == "expires_at" }) else {
            let text = "\(isQuoted ? "\"expires_at\"" : "expires_at"): \(Self.quoted(expiresAt.rfc3339))"
            guard place.value.isInFlow else { return [tokenEdit, line(text, behind: tokenEdit, below: place)] }
            tokenEdit.bytes += Array(", \(text)".utf8)
            return [tokenEdit]
        }
        return (edit(end, to: expiresAt.rfc3339) ?? filled(end, with: expiresAt)).map { [tokenEdit, $0] }
    }

    /// JSON takes double quotes alone.
    private static func isJSON(_ member: YAMLMember) -> Bool {
        member.value.isInFlow && member.key.style == .doubleQuoted
    }

    private static func quoted(_ text: String) -> String {
        String(decoding: YAMLDocument.written(text, .doubleQuoted, isInFlow: true), as: UTF8.self)
    }

    private func edit(_ member: YAMLMember, to text: String) -> YAMLEdit? {
        Self.isJSON(member)
            ? document.edit(replacing: member.value, withSource: Array(Self.quoted(text).utf8))
            : document.edit(replacing: member.value, with: text)
    }

    /// A map in the place of the token that stands there by itself. What names the token names the new one.
    private func map(of token: AccessToken, _ expiresAt: Timestamp) -> YAMLEdit? {
        guard let scalar = member.value.scalar else { return nil }
        let isJSON = Self.isJSON(member)
        let style = isJSON || member.value.isAlias ? .doubleQuoted : scalar.style
        let written = YAMLDocument.written(token.revealed, style, isInFlow: true)
        let start = member.value.range.lowerBound
        let names = member.value.isAlias ? [] : document.source[start..<scalar.textRange.lowerBound]
        let keys = isJSON ? ["{\"token\":", ",\"expires_at\":"] : ["{token: ", ", expires_at: "]
        let bytes = Array(keys[0].utf8) + names + written + Array("\(keys[1])\(Self.quoted(expiresAt.rfc3339))}".utf8)
        guard var edit = document.edit(replacing: member.value, withSource: bytes) else { return nil }
        edit.range = start..<edit.range.upperBound
        return edit
    }

    /// A line of its own behind that of the token, as far indented.
    private func line(_ text: String, behind edit: YAMLEdit, below member: YAMLMember) -> YAMLEdit {
        let source = document.source
        let isEnd: (UInt8) -> Bool = { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        let place = source[edit.range.upperBound...].firstIndex(where: isEnd) ?? source.endIndex
        // Where the last line has no end, it gets that of the first.
        let lineEnd = source[(place < source.endIndex ? place : source.startIndex)...].drop { !isEnd($0) }
        let isPair = lineEnd.starts(with: [UInt8(ascii: "\r"), UInt8(ascii: "\n")])
        let divider = lineEnd.isEmpty ? [UInt8(ascii: "\n")] : Array(lineEnd.prefix(isPair ? 2 : 1))
        let indentation = [UInt8](repeating: UInt8(ascii: " "), count: member.place.column - 1)
        return YAMLEdit(range: place..<place, bytes: divider + indentation + Array(text.utf8))
    }

    /// An end where a key waits for its value: behind its colon.
    private func filled(_ member: YAMLMember, with end: Timestamp) -> YAMLEdit? {
        guard member.value.isNull, member.value.range.isEmpty,
            let last = document.source[..<member.value.range.lowerBound].lastIndex(where: {
                !" \n\r\t".utf8.contains($0)
            }),
            document.source[last] == UInt8(ascii: ":")
        else { return nil }
        return YAMLEdit(range: last + 1..<last + 1, bytes: Array(" \(Self.quoted(end.rfc3339))".utf8))
    }
}
