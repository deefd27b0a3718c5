/// Which bearer tokens the simulator accepts.
package enum TokenPolicy: Sendable {
    /// Any token that is not empty, for any account.
    case anyNonEmpty
    /// Exactly one token per account; accounts that are not named have none.
    case perAccount([String: String])

    func accepts(_ token: String?, for accountID: String) -> Bool {
        guard let token, !token.isEmpty else { return false }
        switch self {
        case .anyNonEmpty: return true
        case .perAccount(let tokens): return tokens[accountID] == token
        }
    }
}

extension TokenPolicy: CustomStringConvertible {
    /// Says how many tokens there are, never which.
    package var description: String {
        switch self {
        case .anyNonEmpty: "any non-empty token"
        case .perAccount(let tokens): "tokens of \(tokens.count) accounts"
        }
    }
}

extension TokenPolicy: CustomDebugStringConvertible, CustomReflectable {
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
