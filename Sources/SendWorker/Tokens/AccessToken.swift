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

extension AccessToken {
    /// Why a text from outside is not a token. Never repeats the text.
    package enum Fault: Error, Hashable, CustomStringConvertible {
        /// Nothing, or nothing but line ends.
        case empty
        /// More than ``AccessToken/maximumBytes``.
        case tooLong
        /// Something stands around the token.
        case wrapped(SecretWrapping)
        /// A line end before the last character.
        case lineBreak
        /// A byte that must not stand in an HTTP header, or a space.
        case illegalCharacter

        package var description: String {
            switch self {
            case .empty: "is empty"
            case .tooLong: "is longer than \(AccessToken.maximumBytes) bytes"
            case .wrapped(let wrapping): wrapping.description
            case .lineBreak: "holds a line break; write it on one line"
            case .illegalCharacter:
                "holds a space, a control character or a character beyond ASCII; write it on one line, as Meta gave it"
            }
        }
    }

    /// Far more than any token has, so that a wrong file is told.
    package static let maximumBytes = 4096

    /// Takes a text from outside: line ends behind it are taken off, and what is left has to be fit for a header.
    package init(checking text: String) throws(Fault) {
        let token = text.withoutLineEnds
        guard !token.isEmpty else {
            throw .empty
        }
        if let wrapping = SecretWrapping(of: token) {
            throw .wrapped(wrapping)
        }
        guard token.utf8.count <= Self.maximumBytes else {
            throw .tooLong
        }
        guard !token.utf8.contains(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) else {
            throw .lineBreak
        }
        guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .illegalCharacter
        }
        self.init(String(token))
    }
}
