package import InstagramMessaging

/// Carries calls to Graph.
package protocol GraphTransport: Sendable {
    /// Starts a call and returns at once.
    ///
    /// - Parameter completion: Called exactly once, on any thread, possibly before this function returns.
    func send(_ call: GraphCall, completion: @escaping @Sendable (CallOutcome) -> Void)
}
