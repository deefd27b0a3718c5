/// What the admin endpoints tell, supplied by whoever runs the worker.
///
/// The two health questions must be answered without waiting for the loops they are about.
package protocol AdminProvider: Sendable {
    /// Why the process should be restarted; empty while it and its loops move.
    func stalls() async -> [String]

    /// Why the worker cannot do its job now; empty where it is assigned and able to commit.
    func hindrances() async -> [String]

    /// The data of the status page, a JSON object.
    func status() async -> [UInt8]

    /// Lets a worker send again that has paused because too many accounts cannot; the state before and after, a JSON
    /// object.
    func resume() async -> [UInt8]

    /// Why an account is waiting, a JSON object; nil for an account the worker knows nothing of.
    func account(_ id: String) async -> [UInt8]?
}
