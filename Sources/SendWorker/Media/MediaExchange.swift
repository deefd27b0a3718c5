import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// One request of which only the head of the answer matters.
final class MediaExchange: HTTPClientResponseDelegate {
    typealias Response = Void

    /// Carries the head out: failing is the way to end a request before its body.
    private struct HeadReceived: Error {
        var head: HTTPResponseHead
    }

    /// The head of the answer; nil where none came. The body is not read.
    static func head(
        of request: HTTPClient.Request,
        client: HTTPClient,
        deadline: NIODeadline
    ) async -> HTTPResponseHead? {
        do {
            try await client.execute(request: request, delegate: MediaExchange(), deadline: deadline).get()
            return nil
        } catch let received as HeadReceived {
            return received.head
        } catch {
            return nil
        }
    }

    func didReceiveHead(task: HTTPClient.Task<Void>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        task.eventLoop.makeFailedFuture(HeadReceived(head: head))
    }

    func didFinishRequest(task: HTTPClient.Task<Void>) {}
}
