/// The access token of one account. Every way of printing it says `<redacted>`.
package struct AccessToken: Sendable, Hashable {
    /// The token itself, for the `Authorization` header and the `appsecret_proof` and nothing else.
    package let revealed: String

    /// Creates a token from text that is one already; ``init(checking:)`` is for text from outside.
    package init(_ text: String) {
        revealed = text
    }
}

extension AccessToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }

    package var debugDescription: String { "<redacted>" }

    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
