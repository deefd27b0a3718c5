import InstagramMessaging
import SendEngine
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
        recipient: String? = nil,
        headers: [(String, String)] = []
    ) -> GraphCall {
        GraphCall(
            id: RecordID(partition: 0, offset: 0, epoch: 1),
            accountID: account,
            body: Array(body.utf8),
            expectsMessageID: true,
            recipientID: recipient,
            headers: headers
        )
    }
}

/// Somebody who has one call made.
final class TestCaller: GraphCaller {
    private let mayStart: @Sendable (_ hasWaited: Bool) -> Bool
    private let completion: @Sendable (CallOutcome) -> Void

    init(
        mayStart: @escaping @Sendable (_ hasWaited: Bool) -> Bool = { _ in true },
        completion: @escaping @Sendable (CallOutcome) -> Void
    ) {
        self.mayStart = mayStart
        self.completion = completion
    }

    func mayStart(_ call: GraphCall, hasWaited: Bool) -> Bool { mayStart(hasWaited) }

    func ended(_ call: GraphCall, _ outcome: CallOutcome) { completion(outcome) }
}

extension HTTPGraphTransport {
    /// Makes a call. A second completion would trap.
    func outcome(
        of call: GraphCall = TransportFixture.call(),
        mayStart: @escaping @Sendable (_ hasWaited: Bool) -> Bool = { _ in true }
    ) async -> CallOutcome {
        await withCheckedContinuation { continuation in
            send(call, for: TestCaller(mayStart: mayStart) { continuation.resume(returning: $0) })
        }
    }
}
