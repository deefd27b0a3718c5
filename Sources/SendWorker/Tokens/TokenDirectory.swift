import FoundationEssentials
import InstagramMessaging
import OpenSSL

/// A directory with one file per account id, such as a mounted Kubernetes secret.
///
/// There every file is a link into `..data`, itself a link that is replaced at once when the secret changes; names that
/// begin with a dot are therefore no accounts.
struct TokenDirectory: TokenPlace {
    let path: String

    var name: String { "tokens.directory \(path)" }

    func fingerprint() -> [String: FileFingerprint]? {
        guard let names = fileNames() else {
            return nil
        }
        return names.reduce(into: [:]) { $0[$1] = FileFingerprint(path: "\(path)/\($1)") }
    }

    func read() throws(TokenPlaceError) -> TokenReading {
        guard let names = fileNames() else {
            throw TokenPlaceError("\(name) cannot be read; it has to be a directory that this user may read")
        }
        var reading = TokenReading()
        for accountID in names.sorted() {
            guard ConfigurationFamily.isAccountID(accountID) else {
                reading.problems.append(
                    "\(name): \(accountID.printable) is not named like an account id and is passed over"
                )
                continue
            }
            add(accountID, to: &reading)
        }
        return reading
    }

    private func add(_ accountID: String, to reading: inout TokenReading) {
        let file = "\(path)/\(accountID)"
        guard let fingerprint = FileFingerprint(path: file), fingerprint.isFile,
            let contents = try? Data(contentsOf: URL(filePath: file))
        else {
            reading.keeping.insert(accountID)
            reading.problems.append("\(name): \(accountID) is not a file that this user may read")
            return
        }
        do throws(AccessToken.Fault) {
            guard let text = String(bytes: contents, encoding: .utf8) else {
                throw .illegalCharacter
            }
            let token = try AccessToken(checking: text)
            reading.tokens[accountID] = token
            reading.expiries[accountID] = end(of: token, accountID)?.moment
        } catch {
            reading.keeping.insert(accountID)
            reading.problems.append("\(name): the token in \(accountID) \(error)")
        }
    }

    private func fileNames() -> [String]? {
        try? FileManager.default.contentsOfDirectory(atPath: path).filter { !$0.hasPrefix(".") }
    }
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
            let text = String(bytes: contents, encoding: .utf8), (try? AccessToken(checking: text)) == old
        else { throw .changedMeanwhile }
        // The end goes first, so that whoever finds the new token finds its end too. The old one's is kept for the case
        // that the old token stays.
        let ends = [TokenEnd(of: new, at: expiresAt)] + [end(of: old, accountID)].compactMap(\.self)
        try FileReplacement(of: endFile(of: accountID)).write(Array(TokenEnd.text(of: ends).utf8), like: file)
        let lineEnds = contents.dropFirst(old.revealed.utf8.count)
        try FileReplacement(of: file).replace(with: Array(new.revealed.utf8) + lineEnds, ifStill: fingerprint)
    }

    /// Returns when a token ends, where a worker has noted it for this very token.
    func end(of token: AccessToken, _ accountID: String) -> TokenEnd? {
        let file = endFile(of: accountID)
        guard let fingerprint = FileFingerprint(path: file), fingerprint.isFile,
            let contents = try? Data(contentsOf: URL(filePath: file))
        else { return nil }
        return TokenEnd.read(String(decoding: contents, as: UTF8.self)).first { $0.isOf(token) }
    }

    /// Begins with a dot: such names are no accounts.
    private func endFile(of accountID: String) -> String { "\(path)/.\(accountID).expires" }
}

/// The end of a token, noted beside a file that holds the token alone.
///
/// The note names the token by its SHA-256, so a token that was put there by hand does not inherit the end of the one
/// before, and the note gives no token away.
struct TokenEnd: Sendable, Hashable {
    let moment: Timestamp
    private let digest: String

    init(of token: AccessToken, at moment: Timestamp) {
        self.moment = moment
        digest = Self.digest(of: token)
    }

    func isOf(_ token: AccessToken) -> Bool { digest == Self.digest(of: token) }

    /// A line for each: the digest and the moment.
    static func text(of ends: [TokenEnd]) -> String {
        ends.map { "\($0.digest) \($0.moment.rfc3339)\n" }.joined()
    }

    /// The lines that can be understood; others say nothing.
    static func read(_ text: String) -> [TokenEnd] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 2, let moment = Timestamp(rfc3339: String(words[1])) else { return nil }
            return TokenEnd(digest: String(words[0]), moment: moment)
        }
    }

    private init(digest: String, moment: Timestamp) {
        self.digest = digest
        self.moment = moment
    }

    private static func digest(of token: AccessToken) -> String {
        Hexadecimal.text(SHA256.hash(Array(token.revealed.utf8)))
    }
}
