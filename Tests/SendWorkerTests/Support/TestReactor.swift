import HTTP
import HTTPCodec
import Reactor

/// What tests share that need a reactor or a plain client and do not care which.
enum TestReactor {
    /// Lives as long as the process.
    static let shared = try! Reactor(name: "tests")

    /// A client that is never shut down.
    static let client = HTTPClient(reactor: shared)

    static func get(_ url: String) async throws -> HTTPResponse {
        try await client.response(to: HTTPRequest(url: url), timeout: .seconds(30), maxBodyBytes: 1 << 20)
    }
}
