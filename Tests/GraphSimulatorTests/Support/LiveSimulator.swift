import AsyncHTTPClient
import Telemetry
import NIOCore
import NIOHTTP1

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

    /// Runs a simulator for as long as the body takes.
    static func run<Result: Sendable>(
        _ configuration: SimulatorConfiguration = SimulatorConfiguration(),
        _ body: @escaping @Sendable (LiveSimulator) async throws -> Result
    ) async throws -> Result {
        let simulator = GraphSimulator(
            configuration: configuration,
            logger: Logger.disabled
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await simulator.run() }
            let live = LiveSimulator(simulator: simulator, baseURL: try await simulator.baseURL())
            let result = try await body(live)
            group.cancelAll()
            try await group.waitForAll()
            return result
        }
    }

    func send(
        _ body: String,
        account accountID: String = account,
        token: String? = "token",
        headers: HTTPHeaders = [:],
        timeout: TimeAmount = .seconds(20)
    ) async throws -> Answer {
        var headers = headers
        headers.add(name: "Content-Type", value: "application/json")
        if let token { headers.add(name: "Authorization", value: "Bearer \(token)") }
        return try await request(.POST, "/v23.0/\(accountID)/messages", body: body, headers: headers, timeout: timeout)
    }

    func request(
        _ method: HTTPMethod,
        _ path: String,
        body: String? = nil,
        headers: HTTPHeaders = [:],
        timeout: TimeAmount = .seconds(20)
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: baseURL + path)
        request.method = method
        request.headers = headers
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: timeout)
        let bytes = try await response.body.collect(upTo: 16 << 20)
        return Answer(status: Int(response.status.code), headers: response.headers, text: String(buffer: bytes))
    }
}
