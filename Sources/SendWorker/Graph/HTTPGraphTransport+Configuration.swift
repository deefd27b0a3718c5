import FoundationEssentials
package import InstagramMessaging

extension HTTPGraphTransport {
    /// A transport as the worker's configuration describes it.
    ///
    /// - Parameter now: The wall clock, to read a `Retry-After` that is a date.
    /// - Throws: ``InvalidGraphSettings`` for a base URL or version that cannot be called.
    package convenience init(
        configuration: WorkerConfiguration,
        tokens: any TokenSource,
        now: @escaping @Sendable () -> Timestamp = {
            Timestamp(millisecondsSinceEpoch: Int64(Date().timeIntervalSince1970 * 1000))
        }
    ) throws(InvalidGraphSettings) {
        try self.init(settings: GraphSettings(configuration), tokens: tokens, now: now)
    }
}
