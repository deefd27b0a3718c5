import Synchronization

/// The one answer that a request gets, from whatever thread.
///
/// Only the first of ``respond(_:)``, ``close()`` and ``reset()`` counts. An exchange that is let go without any is
/// answered with 500, so that no client waits for what nobody will say.
package final class HTTPServerExchange: Sendable {
    /// The end of an exchange.
    enum Outcome: Sendable {
        case respond(HTTPServerResponse)
        case close
        case reset
    }

    private let end: Mutex<(@Sendable (Outcome) -> Void)?>
    private let intrude: @Sendable (HTTPServerIntrusion) -> Void

    /// `end` is called once, on the thread on which the exchange ends; `intrude` as often as there is something.
    init(
        intrude: @escaping @Sendable (HTTPServerIntrusion) -> Void = { _ in },
        end: @escaping @Sendable (Outcome) -> Void
    ) {
        self.intrude = intrude
        self.end = Mutex(end)
    }

    /// Does to the exchange's connection what no server should do, also when the exchange has ended: for stand-ins of
    /// servers that do.
    package func intrude(_ intrusion: HTTPServerIntrusion) { intrude(intrusion) }

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

/// Bytes beside the answers that a server gives in order.
package enum HTTPServerIntrusion: Sendable {
    /// These bytes are sent as they are, whatever the connection is doing.
    case bytes([UInt8])
    /// These bytes are sent, then the connection ends: only while it is idle, and without a look at what is on its way.
    case farewell([UInt8])
}
