import FoundationEssentials
import HTTP
import HTTPCodec
import Reactor
package import SendWorker

/// A running worker, reached over its admin endpoints.
package struct RemoteWorker: Sendable {
    /// Whether a worker sent, before or after it was told to.
    package struct SafetyState: Decodable, Sendable, Hashable {
        package var state: String
        package var since: String?
        package var reason: String?

        package var isPaused: Bool { state != "sending" }
    }

    /// The state of a worker before and after.
    package struct Resumption: Decodable, Sendable, Hashable {
        package var before: SafetyState
        package var after: SafetyState
    }

    private struct Problem: Decodable {
        var error: String
    }

    private static let longestAnswer = 1 << 20
    private let base: String

    /// - Parameter base: Where the worker's admin endpoints are: `http://127.0.0.1:8080`.
    /// - Throws: `WorkerFailure` for what is no `http` or `https` URL of a host.
    package init(base: String) throws(WorkerFailure) {
        let url = URLComponents(string: base)
        guard let url, ["http", "https"].contains(url.scheme?.lowercased() ?? ""), url.host?.isEmpty == false,
            url.query == nil, url.user == nil
        else { throw WorkerFailure(.configuration, "\(base) is not the URL of a worker; write http://127.0.0.1:8080") }
        self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
    }

    /// Returns where the worker of a configuration listens, as seen from its own host.
    package static func base(of admin: WorkerConfiguration.Admin) -> String {
        let host = ["0.0.0.0", "::", "[::]"].contains(admin.host) ? "127.0.0.1" : admin.host
        return "http://\(host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host):\(admin.port)"
    }

    /// Lets a worker send again that has paused because too many accounts cannot.
    ///
    /// - Throws: `WorkerFailure` where it cannot be reached or refuses.
    package func resume(token: SecretText) async throws -> Resumption {
        let answer: HTTPResponse
        do {
            answer = try await post(AdminRoutes.resumePath, token: token)
        } catch {
            throw WorkerFailure(
                .failed,
                "no worker answers at \(base) (\(error)); see that it runs and that --admin names its admin.host and admin.port"
            )
        }
        return try read(answer)
    }

    /// Redirects are not followed: one would take the token to somebody else. No proxy is used.
    private func post(_ path: String, token: SecretText) async throws -> HTTPResponse {
        let reactor = try Reactor(name: "remote worker")
        let client = HTTPClient(reactor: reactor)
        let headers = HTTPHeaders([("Authorization", "Bearer \(token.revealed)")])
        let request = HTTPRequest(method: .post, url: base + path, headers: headers, body: [])
        let answer: Result<HTTPResponse, HTTPCallFailure>
        do throws(HTTPCallFailure) {
            answer = .success(
                try await client.response(to: request, timeout: .seconds(10), maxBodyBytes: Self.longestAnswer)
            )
        } catch {
            answer = .failure(error)
        }
        await client.shutdown()
        await reactor.shutdown()
        return try answer.get()
    }

    private func read(_ answer: HTTPResponse) throws(WorkerFailure) -> Resumption {
        let decoder = JSONDecoder()
        let body = Data(answer.body)
        guard answer.status == 200 else {
            let reason = (try? decoder.decode(Problem.self, from: body))?.error
            let kind = answer.status == 401 ? "it does not take this admin.token" : "it answers HTTP \(answer.status)"
            throw WorkerFailure(.failed, "the worker at \(base) refuses: \(kind)\(reason.map { ": \($0)" } ?? "")")
        }
        guard let resumption = try? decoder.decode(Resumption.self, from: body) else {
            throw WorkerFailure(.failed, "what answers at \(base) is not a worker of this version")
        }
        return resumption
    }
}
