import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization

/// Follows one call over the wire: whether its request was begun, and the answer as far as it has come.
///
/// A call is begun when the first byte of its body is about to be handed to the client, which it is only after the head
/// was. Hence a call that was never begun cannot have reached Graph as a request; at most a head without its body left the
/// machine. Of any other call without an answer nobody knows.
final class GraphExchange: HTTPClientResponseDelegate {
    typealias Response = Void

    /// A complete answer is at most this long; Graph's have a few hundred bytes.
    static let longestAnswer = 65_536

    /// The answer has not come to its end in time.
    struct ResponseTimeout: Error {}

    /// The call was not to be started any more when its body's turn came.
    struct TooLate: Error {}

    /// The answer is longer than anything Graph says.
    struct AnswerTooLong: Error {}

    struct Answer {
        var head: HTTPResponseHead
        var body: [UInt8] = []
    }

    private struct State {
        var wasBegun: Bool
        var isOver = false
        var answer: Answer?
        var timer: Scheduled<Void>?
    }

    private let state: Mutex<State>
    private let latestStart: NIODeadline
    private let responseTimeout: TimeAmount

    /// - Parameters:
    ///   - latestStart: When it is too late to begin: a call that is counted in a window of a rate limit must not arrive
    ///     when that window is long over.
    ///   - hasBody: A request without a body is out with its head: it counts as begun from the start.
    init(latestStart: NIODeadline, responseTimeout: TimeAmount, hasBody: Bool) {
        self.latestStart = latestStart
        self.responseTimeout = responseTimeout
        self.state = Mutex(State(wasBegun: !hasBody))
    }

    /// The body's turn has come: the call counts as begun from now on.
    ///
    /// - Throws: ``TooLate`` where the call must not be begun any more, or has ended already.
    func begin(_ call: GraphCall) throws {
        try state.withLock { state in
            guard !state.isOver, .now() < latestStart, call.mayStart() else { throw TooLate() }
            state.wasBegun = true
        }
    }

    /// Ends the exchange and tells what became of it.
    func end() -> (wasBegun: Bool, answer: Answer?) {
        state.withLock { state in
            state.isOver = true
            state.timer?.cancel()
            state.timer = nil
            return (state.wasBegun, state.answer)
        }
    }

    func didSendRequestHead(task: HTTPClient.Task<Void>, _ head: HTTPRequestHead) {
        state.withLock { state in
            // A call that failed while its head was on the way is over already.
            guard !state.isOver else { return }
            state.timer = task.eventLoop.scheduleTask(in: responseTimeout) { task.fail(reason: ResponseTimeout()) }
        }
    }

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        state.withLock { $0.answer = Answer(head: head) }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Void>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        let fits = state.withLock { state in
            guard let length = state.answer?.body.count, length + buffer.readableBytes <= Self.longestAnswer else {
                return false
            }
            state.answer?.body.append(contentsOf: buffer.readableBytesView)
            return true
        }
        return fits ? task.eventLoop.makeSucceededVoidFuture() : task.eventLoop.makeFailedFuture(AnswerTooLong())
    }

    func didFinishRequest(task: HTTPClient.Task<Void>) {}
}
