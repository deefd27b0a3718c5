import InstagramMessaging
import YAML

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
        guard let fingerprint = FileFingerprint(path: path), let contents = contents(),
            let document = try? YAMLDocument(contents),
            let member = document.root?.map?.first(where: { $0.key.text == accountID }),
            let text = Self.token(in: member.value)?.text, (try? AccessToken(checking: text)) == old
        else { throw .changedMeanwhile }
        let entry = TokenEntry(document: document, member: member)
        guard let edits = entry.edits(to: new, expiresAt: expiresAt) else { throw .noPlaceForValue }
        let written = document.applying(edits)
        guard reads(written, as: new, of: accountID, expiresAt, before: document.root, old) else {
            throw .noPlaceForValue
        }
        try FileReplacement(of: path).replace(with: written, ifStill: fingerprint)
    }

    /// Whether what is about to be written holds the new token, its end, and the tokens of all other accounts.
    private func reads(
        _ written: [UInt8],
        as new: AccessToken,
        of accountID: String,
        _ expiresAt: Timestamp,
        before root: YAMLNode?,
        _ old: AccessToken
    ) -> Bool {
        guard let before = try? reading(of: root), let document = try? YAMLDocument(written),
            let after = try? reading(of: document.root), after.tokens.count == before.tokens.count
        else { return false }
        // Accounts may share a token by an alias; then they share the new one too.
        return after.own == before.own && after.tokens[accountID] == new && after.expiries[accountID] == expiresAt
            && before.tokens.allSatisfy { account, token in
                after.tokens[account] == token || (token == old && after.tokens[account] == new)
            }
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
