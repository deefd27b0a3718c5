import HTTP
import HTTPCodec
import Reactor
import Telemetry

@testable import GraphSimulator

/// A simulator that listens on a port of its own, and a client of it.
struct LiveSimulator: Sendable {
    struct Answer: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var text: String

        var json: JSONNode? { try? JSONParser.parse(Array(text.utf8)) }
    }

    let simulator: GraphSimulator
    let baseURL: String
    private let client: HTTPClient

    /// Runs a simulator for as long as the body takes.
    static func run<Result: Sendable>(
        _ configuration: SimulatorConfiguration = SimulatorConfiguration(),
        _ body: @escaping @Sendable (LiveSimulator) async throws -> Result
    ) async throws -> Result {
        let simulator = GraphSimulator(configuration: configuration, logger: .disabled)
        let reactor = try Reactor(name: "client")
        let client = HTTPClient(reactor: reactor)
        let run = Task { try await simulator.run() }
        let result: Swift.Result<Result, any Error>
        do {
            let live = LiveSimulator(simulator: simulator, baseURL: try await simulator.baseURL(), client: client)
            result = .success(try await body(live))
        } catch {
            result = .failure(error)
        }
        run.cancel()
        let end = await run.result
        await client.shutdown()
        await reactor.shutdown()
        try end.get()
        return try result.get()
    }

    func send(
        _ body: String,
        account accountID: String = account,
        token: String? = "token",
        headers: HTTPHeaders = [:],
        timeout: Duration = .seconds(20)
    ) async throws -> Answer {
        var headers = headers
        headers.add("Content-Type", "application/json")
        if let token { headers.add("Authorization", "Bearer \(token)") }
        return try await request(.post, "/v23.0/\(accountID)/messages", body: body, headers: headers, timeout: timeout)
    }

    func request(
        _ method: HTTPMethod,
        _ path: String,
        body: String? = nil,
        headers: HTTPHeaders = [:],
        timeout: Duration = .seconds(20)
    ) async throws -> Answer {
        let request = HTTPRequest(
            method: method,
            url: baseURL + path,
            headers: headers,
            body: body.map { Array($0.utf8) }
        )
        let response = try await client.response(to: request, timeout: timeout, maxBodyBytes: 16 << 20)
        return Answer(
            status: response.status,
            headers: response.headers,
            text: String(decoding: response.body, as: UTF8.self)
        )
    }
}
