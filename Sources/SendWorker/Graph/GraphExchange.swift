import HTTP
import HTTPCodec
import InstagramMessaging

/// One call of Graph, from the connection's turn to its outcome.
///
/// A call is begun in the turn in which its first byte is written, and only where its last word is yes. Hence one that was
/// never begun has not reached Graph: no byte of it left. Of any other call without an answer nobody knows.
final class GraphExchange: HTTPCall, Sendable {
    /// A complete answer is at most this long; Graph's have a few hundred bytes.
    static let longestAnswer = 65_536

    /// What the exchange takes from the transport.
    struct Context {
        var endpoint: GraphEndpoint
        let now: @Sendable () -> Timestamp
        let onUnknownOnReusedConnection: @Sendable () -> Void
    }

    private let context: Context
    private let call: GraphCall
    private let head: GraphRequestHead
    private let completion: @Sendable (CallOutcome) -> Void

    init(
        _ call: GraphCall,
        head: GraphRequestHead,
        context: Context,
        completion: @escaping @Sendable (CallOutcome) -> Void
    ) {
        self.call = call
        self.head = head
        self.context = context
        self.completion = completion
    }

    func writeRequest(into buffer: inout [UInt8]) -> Bool {
        guard call.mayStart() else { return false }
        head.write(into: &buffer, bodyCount: call.body.count)
        buffer.append(contentsOf: call.body)
        return true
    }

    func ended(_ ending: HTTPCallEnding) -> HTTPConnectionUse {
        completion(outcome(of: ending))
        return .keep
    }

    private func outcome(of ending: HTTPCallEnding) -> CallOutcome {
        switch ending {
        case .answered(let response, _):
            return GraphAnswer.classify(
                status: response.status,
                body: response.body,
                header: { response.headers.first($0) },
                expectsMessageID: call.expectsMessageID,
                now: context.now()
            )
        case .failed(let failure) where failure.kind == .tooLate: return .tooLate
        case .failed(let failure):
            let (name, reason) = (context.endpoint.name, CallFailure(failure))
            if failure.wasWritten, failure.onReusedConnection { context.onUnknownOnReusedConnection() }
            return failure.wasWritten
                ? .unknown("\(name): \(reason.reason); the message may have been delivered", category: reason.category)
                : .notSent("\(name): \(reason.reason); nothing was sent", category: reason.category)
        }
    }
}

extension CallOutcome {
    /// The worker was stopped, or too busy, between the decision to call and its turn: the partition may be another's by
    /// now, the request's deadline may have passed, and its place in a rate limit too.
    fileprivate static var tooLate: CallOutcome {
        CallOutcome(
            outcomeClass: .notSent,
            error: SendError(
                category: .endpointUnavailable,
                message:
                    "the call's turn came too late, after a standstill or with no free connection; nothing was sent"
            ),
            wasStarted: false
        )
    }
}
