import FoundationEssentials
import InstagramMessaging
import YAML

/// A JSON or YAML map of account id to token. A token may stand by itself, or as `token` in a map with `expires_at` and
/// what the account has in place of `graph.*`: `pathID`, `baseURL`, `appSecret`.
struct TokenFile: TokenPlace {
    let path: String

    var name: String { "tokens.file \(path)" }

    func fingerprint() -> [String: FileFingerprint]? {
        FileFingerprint(path: path).map { [path: $0] }
    }

    func read() throws(TokenPlaceError) -> TokenReading {
        guard let contents = contents() else {
            throw TokenPlaceError("\(name) cannot be read; it has to be a file that this user may read")
        }
        let document: YAMLDocument
        do throws(YAMLError) {
            document = try YAMLDocument(contents)
        } catch {
            throw TokenPlaceError("\(name) \(error)")
        }
        return try reading(of: document.root)
    }

    /// The file's bytes; nil where it cannot be read.
    func contents() -> [UInt8]? {
        (try? Data(contentsOf: URL(filePath: path))).map { Array($0) }
    }

    /// JSON is read as YAML, which holds it.
    func reading(of root: YAMLNode?) throws(TokenPlaceError) -> TokenReading {
        // An empty file is one that is being written.
        guard let members = root?.map else {
            let hint = root?.scalar?.looksLikeMember == true ? ", with a space behind the colon" : ""
            throw TokenPlaceError("\(name) is not a map; write it like {\"17841400000000001\": \"token\"}\(hint)")
        }
        var reading = TokenReading()
        for member in members { add(member, to: &reading) }
        return reading
    }

    private func add(_ member: YAMLMember, to reading: inout TokenReading) {
        let place = "\(name) line \(member.place.line)"
        guard ConfigurationFamily.isAccountID(member.key.text) else {
            // It may be a token that stands on the wrong side, so it is not repeated.
            reading.problems.append("\(place): the name is not an account id of 1 to 32 digits")
            return
        }
        let accountID = member.key.text
        guard let token = (member.value["token"] ?? member.value).scalar, !token.isNull else {
            reading.keeping.insert(accountID)
            let hint =
                Self.token(in: member.value)?.isProbablyCut == true
                ? "quote a text that begins with # or &" : "write a text, or a map with token and expires_at"
            reading.problems.append("\(place): account \(accountID) has no token; \(hint)")
            return
        }
        addExpiry(member.value["expires_at"], of: accountID, at: place, to: &reading)
        guard !token.isFollowedByHash else {
            reading.keeping.insert(accountID)
            let hint = "ends where a # begins a comment; quote it, or put a space behind the #"
            reading.problems.append("\(place): the token of account \(accountID) \(hint)")
            return
        }
        do throws(AccessToken.Fault) {
            add(
                try AccessToken(checking: token.text),
                AccountEntry(of: accountID, member.value),
                at: place,
                to: &reading
            )
        } catch {
            reading.keeping.insert(accountID)
            reading.problems.append("\(place): the token of account \(accountID) \(error)")
        }
    }

    /// A token counts only with all that is said beside it: it must not go to another host, or with another proof.
    private func add(_ token: AccessToken, _ entry: AccountEntry, at place: String, to reading: inout TokenReading) {
        do throws(AccountEntry.Fault) {
            let own = try entry.settings()
            reading.tokens[entry.accountID] = token
            guard !own.isEmpty else { return }
            reading.own[entry.accountID] = own
            if let warning = AccountEntry.warning(of: own, entry.accountID) {
                reading.problems.append("\(place): \(warning)")
            }
        } catch {
            reading.keeping.insert(entry.accountID)
            reading.problems.append("\(place): \(error.description)")
        }
    }

    /// The scalar of an entry that its token stands in.
    static func token(in entry: YAMLNode) -> YAMLScalar? { (entry["token"] ?? entry).scalar }

    private func addExpiry(_ node: YAMLNode?, of accountID: String, at place: String, to reading: inout TokenReading) {
        guard let node, !node.isNull else { return }
        guard let text = node.scalar?.text, let end = Timestamp(rfc3339: text) else {
            reading.problems.append(
                "\(place): expires_at of account \(accountID) is no moment; write it like 2026-12-31T12:00:00Z"
            )
            return
        }
        reading.expiries[accountID] = end
    }
}

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
