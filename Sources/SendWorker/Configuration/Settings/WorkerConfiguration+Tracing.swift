extension WorkerConfiguration {
    /// Where spans go, and of how many requests.
    package struct Tracing: Sendable, Hashable {
        /// An `http` or `https` URL without a trailing slash; nil switches tracing off.
        package var endpoint: String?
        /// `name=value`, several divided by commas.
        package var headers: SecretText?
        /// From 0 to 1.
        package var sampleRatio = 0.0

        /// The defaults.
        package init() {}
    }
}
