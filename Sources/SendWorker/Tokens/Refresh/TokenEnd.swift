import InstagramMessaging
import OpenSSL

/// When a token ends, noted beside a file that holds the token alone.
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
