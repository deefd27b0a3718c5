import FoundationEssentials

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
