import Synchronization

/// The one answer that a request gets, from whatever thread.
///
/// Only the first of ``respond(_:)``, ``close()`` and ``reset()`` counts. An exchange that is let go without any is
/// answered with 500, so that no client waits for what nobody will say.
package final class HTTPServerExchange: Sendable {
    /// How an exchange ends.
    enum Outcome: Sendable {
        case respond(HTTPServerResponse)
        case close
        case reset
    }

    private let end: Mutex<(@Sendable (Outcome) -> Void)?>

    /// `end` is called once, on the thread on which the exchange ends.
    init(end: @escaping @Sendable (Outcome) -> Void) {
        self.end = Mutex(end)
    }

    deinit {
        finish(.respond(.text(status: 500, "the server has no answer to this request")))
    }

    /// Answers; false where the exchange has ended before.
    @discardableResult
    package func respond(_ response: HTTPServerResponse) -> Bool { finish(.respond(response)) }

    /// Ends the connection in order, without an answer; false where the exchange has ended before.
    @discardableResult
    package func close() -> Bool { finish(.close) }

    /// Resets the connection; false where the exchange has ended before.
    @discardableResult
    package func reset() -> Bool { finish(.reset) }

    @discardableResult
    private func finish(_ outcome: Outcome) -> Bool {
        let end = end.withLock { end in
            defer { end = nil }
            return end
        }
        end?(outcome)
        return end != nil
    }
}
