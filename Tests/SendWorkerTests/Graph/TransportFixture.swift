import InstagramMessaging
import Synchronization

@testable import SendWorker

/// What the tests of the transport share.
enum TransportFixture {
    static let token = "EAASecretTokenForTests0123456789"
    static let account = "17841400000000000"
    static let delivered = httpAnswer("200 OK", body: #"{"recipient_id":"5","message_id":"m_1"}"#)

    static func transport(
        to url: String,
        maxInFlight: Int = 8,
        connectTimeout: Duration = .seconds(5),
        responseTimeout: Duration = .seconds(30),
        appSecret: String? = nil,
        token: String = token,
        onOddity: @escaping @Sendable (AnswerOddity) -> Void = { _ in }
    ) throws -> HTTPGraphTransport {
        try HTTPGraphTransport(
            settings: GraphSettings(
                baseURL: url,
                connectTimeout: connectTimeout,
                responseTimeout: responseTimeout,
                appSecret: appSecret.map { SecretText($0) },
                maxInFlight: maxInFlight
            ),
            tokens: FixedTokens([account: token]),
            reactor: TestReactor.shared,
            now: { Timestamp(millisecondsSinceEpoch: 1_700_000_000_000) },
            onOddity: onOddity
        )
    }

    /// Lends a transport and shuts it down.
    static func withTransport<R>(
        _ transport: HTTPGraphTransport,
        _ body: (HTTPGraphTransport) async throws -> R
    ) async throws -> R {
        do {
            let result = try await body(transport)
            await transport.shutdown()
            return result
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    static func call(
        _ body: String = #"{"message":{"text":"hi"}}"#,
        account: String = account,
        recipient: String? = nil
    ) -> GraphCall {
        GraphCall(accountID: account, body: Array(body.utf8), expectsMessageID: true, recipientID: recipient)
    }
}

extension HTTPGraphTransport {
    /// Makes a call. A second completion would trap.
    func outcome(of call: GraphCall = TransportFixture.call()) async -> CallOutcome {
        await withCheckedContinuation { continuation in
            send(call) { continuation.resume(returning: $0) }
        }
    }
}
