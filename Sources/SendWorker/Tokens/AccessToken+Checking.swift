extension AccessToken {
    /// Why a text from outside is not a token. Never repeats the text.
    package enum Fault: Error, Hashable, CustomStringConvertible {
        /// Nothing but white space.
        case empty
        /// More than ``AccessToken/maximumBytes``.
        case tooLong
        /// A byte that must not stand in an HTTP header, or a space.
        case illegalCharacter

        package var description: String {
            switch self {
            case .empty: "is empty"
            case .tooLong: "is longer than \(AccessToken.maximumBytes) bytes"
            case .illegalCharacter: "holds a space, a line break or a character beyond ASCII"
            }
        }
    }

    /// Far more than any token has, so that a wrong file is told.
    package static let maximumBytes = 4096

    /// Takes a text from outside: white space at either end is taken off, and what is left has to be fit for a header.
    package init(checking text: String) throws(Fault) {
        let token = text.trimmed
        guard !token.isEmpty else {
            throw .empty
        }
        guard token.utf8.count <= Self.maximumBytes else {
            throw .tooLong
        }
        guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .illegalCharacter
        }
        self.init(String(token))
    }
}
