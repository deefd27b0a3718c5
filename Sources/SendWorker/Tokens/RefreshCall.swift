import HTTP
import HTTPCodec
import InstagramMessaging

/// Asks Graph for a longer life of a token: `GET {baseURL}/refresh_access_token`, at the account's host.
///
/// The endpoint takes the token in the URL and nowhere else, so the URL is put into no message.
struct RefreshCall: Sendable {
    private static let limit = Duration.seconds(30)
    private static let longestAnswer = 65_536

    private let client: HTTPClient

    /// - Parameter client: Not one of the calls that carry messages; stays the caller's, who shuts it down.
    init(client: HTTPClient) {
        self.client = client
    }

    func ask(for token: AccessToken, at baseURL: String) async -> RefreshAnswer {
        let query = "grant_type=ig_refresh_token&access_token=\(Self.encoded(token.revealed))"
        let request = HTTPRequest(
            method: .get,
            url: "\(baseURL)/refresh_access_token?\(query)",
            headers: HTTPHeaders([("Accept", "application/json"), ("User-Agent", "instagram-send-worker")])
        )
        do throws(HTTPCallFailure) {
            let response = try await client.response(to: request, timeout: Self.limit, maxBodyBytes: Self.longestAnswer)
            return RefreshAnswer.read(status: response.status, body: response.body)
        } catch {
            return .failed(error.words)
        }
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte -> String in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                return String(UnicodeScalar(byte))
            default:
                let hexadecimal = String(byte, radix: 16, uppercase: true)
                return "%" + (hexadecimal.count == 1 ? "0" : "") + hexadecimal
            }
        }.joined()
    }
}

/// The answer to asking for a longer life of a token. Holds no token in any text.
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
