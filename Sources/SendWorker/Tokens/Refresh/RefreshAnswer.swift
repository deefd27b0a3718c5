import InstagramMessaging

/// What came of asking for a longer life of a token. Holds no token in any text.
enum RefreshAnswer: Sendable, Hashable {
    /// - Parameter lifetime: In seconds from now.
    case refreshed(AccessToken, lifetime: Int64)
    /// Graph answered, and not with a token.
    case refused(String)
    /// Nobody answered.
    case failed(String)

    /// The longest life that is believed, ten years: a wrong number must not put the next refresh off for ever.
    private static let longestLifetime = 10 * 366 * 86_400

    /// Reads `{"access_token","token_type","expires_in"}` or Graph's error.
    static func read(status: Int, body: [UInt8]) -> RefreshAnswer {
        let answer = JSONReader.readLeniently(body).flatMap { $0.isWhole ? $0.object : nil }
        if let error = answer?["error"], error.members != nil {
            let code = error["code"]?.integer.map { ", code \($0)" } ?? ""
            let subcode = error["error_subcode"]?.integer.map { ", subcode \($0)" } ?? ""
            return .refused("HTTP \(status)\(code)\(subcode)")
        }
        guard (200..<300).contains(status), let text = answer?["access_token"]?.string,
            let lifetime = answer?["expires_in"]?.integer, (1...longestLifetime).contains(lifetime),
            let token = try? AccessToken(checking: text)
        else { return .refused("HTTP \(status) without access_token and expires_in") }
        return .refreshed(token, lifetime: Int64(lifetime))
    }
}
