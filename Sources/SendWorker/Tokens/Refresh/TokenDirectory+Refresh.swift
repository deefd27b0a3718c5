import FoundationEssentials
import InstagramMessaging

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

    /// When a token ends, where a worker has noted it for this very token.
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
