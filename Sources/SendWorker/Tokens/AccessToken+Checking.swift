extension AccessToken {
    /// Why a text from outside is not a token. Never repeats the text.
    package enum Fault: Error, Hashable, CustomStringConvertible {
        /// Nothing, or nothing but line ends.
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

    /// Takes a text from outside: line ends behind it are taken off, and what is left has to be fit for a header.
    package init(checking text: String) throws(Fault) {
        let lineEnds = text.utf8.reversed().prefix { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        let token = text.utf8.dropLast(lineEnds.count)
        guard !token.isEmpty else {
            throw .empty
        }
        guard token.count <= Self.maximumBytes else {
            throw .tooLong
        }
        guard token.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .illegalCharacter
        }
        self.init(String(Substring(token)))
    }
}
