package import HTTP
import HTTPCodec
import InstagramMessaging
import OpenSSL
import Reactor

/// One call of Graph, from the connection's turn to its outcome.
///
/// A call is begun in the turn in which its first byte is written, and only where its last word is yes. Hence one that was
/// never begun has not reached Graph: no byte of it left. Of any other call without an answer nobody knows.
final class GraphExchange: HTTPCall, Sendable {
    /// A complete answer is at most this long; Graph's have a few hundred bytes.
    static let longestAnswer = 65_536
    /// The body of a refusal follows its head at once or not at all.
    static let refusalBodyTimeout = Duration.seconds(2)

    /// The things that the exchange gets from the transport.
    final class Context: Sendable {
        let reactor: Reactor
        let now: @Sendable () -> Timestamp
        let onOddity: @Sendable (AnswerOddity) -> Void

        init(
            reactor: Reactor,
            now: @escaping @Sendable () -> Timestamp,
            onOddity: @escaping @Sendable (AnswerOddity) -> Void
        ) {
            self.reactor = reactor
            self.now = now
            self.onOddity = onOddity
        }
    }

    private let context: Context
    private let call: GraphCall
    private let caller: any GraphCaller
    private let head: GraphRequestHead
    private let turn: Int?

    /// - Parameter turn: The reactor's turn in which the call was asked for; nil where that was on another thread.
    init(
        _ call: GraphCall,
        for caller: any GraphCaller,
        head: GraphRequestHead,
        askedIn turn: Int?,
        context: Context
    ) {
        self.context = context
        self.call = call
        self.caller = caller
        self.head = head
        self.turn = turn
    }

    private var endpoint: GraphEndpoint { head.route.endpoint }

    func writeRequest(into buffer: inout [UInt8]) -> Bool {
        guard caller.mayStart(call, hasWaited: turn != context.reactor.turns) else { return false }
        head.write(into: &buffer, headers: call.headers, bodyCount: call.body.count)
        buffer.append(contentsOf: call.body)
        return true
    }

    func ended(_ ending: HTTPCallEnding) -> HTTPConnectionUse {
        switch ending {
        case .answered(let response, let isFirstExchange):
            let (outcome, isOutOfStep) = outcome(of: response, isFirstExchange: isFirstExchange)
            caller.ended(call, outcome)
            // With 408 the server gives the connection up, with 421 it is not the one for the call.
            return isOutOfStep || response.status == 408 || response.status == 421 ? .discard : .keep
        case .failed(let failure):
            caller.ended(call, outcome(of: failure))
            return .discard
        }
    }

    private func outcome(of response: HTTPResponse, isFirstExchange: Bool) -> (CallOutcome, isOutOfStep: Bool) {
        noteVersion(of: response)
        let outcome = GraphAnswer.classify(
            status: response.status,
            body: response.body,
            header: { response.headers.first($0) },
            expectsMessageID: call.expectsMessageID,
            now: context.now()
        )
        guard outcome.outcomeClass == .delivered, let asked = call.recipientID, let named = outcome.recipientID,
            named != asked
        else { return (outcome, false) }
        // On a connection's first exchange no answer can be another call's.
        context.onOddity(.otherRecipient(accountID: call.accountID, isOutOfStep: !isFirstExchange))
        return isFirstExchange ? (outcome, false) : (.outOfStep(endpoint.name, outcome), true)
    }

    private func outcome(of failure: HTTPCallFailure) -> CallOutcome {
        if failure.kind == .tooLate { return .tooLate }
        let (name, reason) = (endpoint.name, CallFailure(failure))
        guard failure.wasWritten else {
            return .notSent("\(name): \(reason.reason); nothing was sent", category: reason.category)
        }
        if failure.onReusedConnection { context.onOddity(.unknownOnReusedConnection) }
        guard let partial = failure.partial else {
            return .unknown("\(name): \(reason.reason); the message may have been delivered", category: reason.category)
        }
        noteVersion(of: partial)
        return GraphAnswer.classify(
            status: partial.status,
            incompleteBody: partial.body,
            fault: reason.reason,
            isTooLong: failure.isTooLong,
            category: reason.category,
            header: { partial.headers.first($0) },
            now: context.now()
        )
    }

    private func noteVersion(of response: HTTPResponse) {
        guard let version = response.headers.first("facebook-api-version"), version != endpoint.version else {
            return
        }
        context.onOddity(.otherVersion(version, asked: endpoint.version))
    }
}

extension HTTPCallFailure {
    fileprivate var isTooLong: Bool {
        if case .answerTooLong = kind { true } else { false }
    }
}

extension CallOutcome {
    /// The answer is another call's: of this one nobody knows.
    fileprivate static func outOfStep(_ name: String, _ answer: CallOutcome) -> CallOutcome {
        var outcome = CallOutcome(
            outcomeClass: .unknown,
            error: SendError(
                category: .graphError,
                message:
                    "\(name): the answer names another recipient than the one asked for, so it may be another call's; the "
                    + "connection was closed, and the message may have been delivered",
                httpStatus: answer.httpStatus
            )
        )
        outcome.httpStatus = answer.httpStatus
        outcome.usage = answer.usage
        outcome.applicationUsage = answer.applicationUsage
        return outcome
    }

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

/// The head of a call's request, but for the length of its body. It is put together where it is written.
struct GraphRequestHead: Sendable {
    private static let fixedFields =
        "\r\nContent-Type: application/json\r\n"
        + "Accept: application/json\r\n"
        // Without it any coding would do. What comes as gzip or deflate all the same is decoded.
        + "Accept-Encoding: identity\r\n"
        + "User-Agent: instagram-send-worker\r\n"

    let route: GraphRoutes.Route
    private let token: AccessToken

    /// - Parameter token: Must be fit for a header.
    init(_ route: GraphRoutes.Route, token: AccessToken) {
        self.route = route
        self.token = token
    }

    /// Appends the whole head.
    ///
    /// - Parameter headers: Further ones; those that HTTP does not allow, or that are the transport's own, are left out.
    func write(into buffer: inout [UInt8], headers: [(String, String)], bodyCount: Int) {
        buffer.append(contentsOf: "POST ".utf8)
        route.writeTarget(into: &buffer)
        buffer.append(contentsOf: " HTTP/1.1\r\nAuthorization: Bearer ".utf8)
        buffer.append(contentsOf: token.revealed.utf8)
        buffer.append(contentsOf: Self.fixedFields.utf8)
        for (name, value) in headers where Self.isSendable(name: name, value: value) {
            buffer.append(contentsOf: "\(name): \(value)\r\n".utf8)
        }
        buffer.append(contentsOf: "host: ".utf8)
        buffer.append(contentsOf: route.endpoint.hostHeader.utf8)
        buffer.append(contentsOf: "\r\nContent-Length: ".utf8)
        HTTPWriter.append(bodyCount, to: &buffer)
        buffer.append(contentsOf: "\r\n\r\n".utf8)
    }

    /// Whether a token may stand in a header.
    static func isFit(_ token: AccessToken) -> Bool {
        !token.revealed.isEmpty && token.revealed.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// Whether HTTP allows the header, and it is none that the transport sets itself.
    private static func isSendable(name: String, value: String) -> Bool {
        let own = [
            "authorization", "content-type", "content-length", "transfer-encoding", "host", "connection",
            "accept-encoding",
        ]
        return !name.isEmpty && !own.contains(name.lowercased())
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
            && value.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}

/// Why a call got no answer, in words that hold neither token nor URL.
package struct CallFailure {
    /// The event, to be read after the name of the host.
    package var reason: String
    var category: ErrorCategory

    package init(_ failure: HTTPCallFailure) {
        category = Self.category(of: failure.kind)
        reason =
            switch failure.kind {
            case .poolTimeout: "\(failure.words) (worker.maxInFlight)"
            case .connectTimeout: "\(failure.words) (graph.connectTimeout)"
            case .cancelled, .shutDown: "the worker is shutting down"
            case .tls(let error) where error.kind == .notTrusted: "\(failure.words) (graph.caFile)"
            default: failure.words
            }
    }

    private static func category(of kind: HTTPCallFailure.Kind) -> ErrorCategory {
        switch kind {
        case .responseTimeout, .bodyTimeout, .deadline, .poolTimeout: .timeout
        case .answerTooLong: .graphError
        default: .endpointUnavailable
        }
    }
}
