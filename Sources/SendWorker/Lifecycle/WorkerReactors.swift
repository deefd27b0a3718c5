package import Reactor

/// The event loops of a worker, a thread each.
package struct WorkerReactors: Sendable {
    /// The engine's: decisions and calls of Graph, in the same turn.
    package let main: Reactor
    /// For all that must answer or go on while the engine's loop is busy: admin endpoints, media preflight, refresh of
    /// tokens, export of spans.
    package let side: Reactor

    /// Starts both threads.
    ///
    /// - Throws: `ReactorError` where the system refuses a thread or a descriptor.
    package init() throws(ReactorError) {
        main = try Reactor(name: "engine loop")
        side = try Reactor(name: "side loop")
    }

    /// Ends both threads once all that is queued on them has run. Whatever lives on them must have been closed.
    package func shutdown() async {
        await side.shutdown()
        await main.shutdown()
    }
}
