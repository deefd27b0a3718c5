import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Asks Graph for a longer life of a token: `GET {graph.baseURL}/refresh_access_token`.
///
/// The endpoint takes the token in the URL and nowhere else, so the URL is put into no message.
struct RefreshCall: Sendable {
    private static let limit = TimeAmount.seconds(30)
    private static let longestAnswer = 65_536

    private let baseURL: String
    private let client: HTTPClient

    init(_ graph: WorkerConfiguration.Graph) {
        baseURL = graph.baseURL
        var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
        settings.httpVersion = .http1Only
        settings.timeout = HTTPClient.Configuration.Timeout(connect: TimeAmount(graph.connectTimeout), read: Self.limit)
        settings.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    func ask(for token: AccessToken) async -> RefreshAnswer {
        let query = "grant_type=ig_refresh_token&access_token=\(Self.encoded(token.revealed))"
        var request = HTTPClientRequest(url: "\(baseURL)/refresh_access_token?\(query)")
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "User-Agent", value: "instagram-send-worker")
        do {
            let answer = try await client.execute(request, deadline: .now() + Self.limit)
            let body = try await answer.body.collect(upTo: Self.longestAnswer)
            return RefreshAnswer.read(status: Int(answer.status.code), body: Array(body.readableBytesView))
        } catch {
            return .failed(CallFailure(error, responseTimeout: Self.limit).reason)
        }
    }

    func shutdown() async {
        // The one error there is says that it was shut down before.
        try? await client.shutdown()
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
