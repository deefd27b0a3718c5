import InstagramMessaging

/// What one look at the place of the tokens gave.
struct TokenReading: Sendable, Hashable {
    /// The tokens that can be used.
    var tokens: [String: AccessToken] = [:]
    /// When tokens end, where that is written beside them.
    var expiries: [String: Timestamp] = [:]
    /// Accounts whose token is there and cannot be used: they keep the one they had.
    var keeping: Set<String> = []
    /// What is wrong, one sentence each, without any token.
    var problems: [String] = []
}

/// Why the place of the tokens cannot be read at all.
package struct TokenPlaceError: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// A place where tokens are kept, looked at again and again.
protocol TokenPlace: Sendable {
    /// What to call the place in messages: `tokens.file /run/tokens.json`.
    var name: String { get }

    /// Changes whenever the tokens may have changed; cheap. nil if there is nothing.
    func fingerprint() -> [String: FileFingerprint]?

    func read() throws(TokenPlaceError) -> TokenReading
}
