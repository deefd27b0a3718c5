import FoundationEssentials
import InstagramMessaging
import Yams

/// A JSON or YAML map of account id to token. A token may stand by itself or in a map with `token` and `expires_at`.
struct TokenFile: TokenPlace {
    let path: String

    var name: String { "tokens.file \(path)" }

    func fingerprint() -> [String: FileFingerprint]? {
        FileFingerprint(path: path).map { [path: $0] }
    }

    func read() throws(TokenPlaceError) -> TokenReading {
        guard let contents = try? Data(contentsOf: URL(filePath: path)) else {
            throw TokenPlaceError("\(name) cannot be read; it has to be a file that this user may read")
        }
        guard let text = String(bytes: contents, encoding: .utf8) else {
            throw TokenPlaceError("\(name) is not UTF-8 text")
        }
        return try reading(of: text)
    }

    /// JSON is read as YAML, which holds it.
    private func reading(of text: String) throws(TokenPlaceError) -> TokenReading {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw TokenPlaceError(YAMLProblem(error).sentence(about: name))
        }
        // An empty file is one that is being written.
        guard let mapping = root?.mapping else {
            throw TokenPlaceError("\(name) is not a map; write it like {\"17841400000000001\": \"token\"}")
        }
        var reading = TokenReading()
        for (key, value) in mapping {
            add(key, value, to: &reading)
        }
        return reading
    }

    private func add(_ key: Node, _ value: Node, to reading: inout TokenReading) {
        let place = name + (key.mark.map { " line \($0.line)" } ?? "")
        guard let accountID = key.scalar?.string, ConfigurationFamily.isAccountID(accountID) else {
            // It may be a token that stands on the wrong side, so it is not repeated.
            reading.problems.append("\(place): the name is not an account id of 1 to 32 digits")
            return
        }
        let entry = value.mapping?["token"] ?? value
        guard let text = entry.scalar?.string, entry.tag != Tag(.null) else {
            reading.keeping.insert(accountID)
            reading.problems.append(
                "\(place): account \(accountID) has no token; write a text, or a map with token and expires_at"
            )
            return
        }
        addExpiry(value.mapping?["expires_at"], of: accountID, at: place, to: &reading)
        do throws(AccessToken.Fault) {
            reading.tokens[accountID] = try AccessToken(checking: text)
        } catch {
            reading.keeping.insert(accountID)
            reading.problems.append("\(place): the token of account \(accountID) \(error)")
        }
    }

    private func addExpiry(_ node: Node?, of accountID: String, at place: String, to reading: inout TokenReading) {
        guard let node else { return }
        guard let text = node.scalar?.string, let end = Timestamp(rfc3339: text) else {
            reading.problems.append(
                "\(place): expires_at of account \(accountID) is no moment; write it like 2026-12-31T12:00:00Z"
            )
            return
        }
        reading.expiries[accountID] = end
    }
}
