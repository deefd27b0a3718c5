/// How the transport reaches Graph.
package struct GraphSettings: Sendable {
    /// An `http` or `https` URL, possibly with a path, without query and fragment.
    package var baseURL: String
    /// The version of the Graph API, `v23.0` for example.
    package var version: String
    /// The longest time until a connection is free or established; after it the call ends as not sent.
    package var connectTimeout: Duration
    /// The longest time from the start of the request on the wire to the end of the answer.
    package var responseTimeout: Duration
    /// With it every call carries an `appsecret_proof`.
    package var appSecret: SecretText?
    /// Connections at once, and so calls at once.
    package var maxInFlight: Int

    package init(
        baseURL: String = "https://graph.instagram.com",
        version: String = "v23.0",
        connectTimeout: Duration = .seconds(5),
        responseTimeout: Duration = .seconds(30),
        appSecret: SecretText? = nil,
        maxInFlight: Int = 512
    ) {
        self.baseURL = baseURL
        self.version = version
        self.connectTimeout = connectTimeout
        self.responseTimeout = responseTimeout
        self.appSecret = appSecret
        self.maxInFlight = maxInFlight
    }
}

extension GraphSettings {
    /// What the worker's configuration says about Graph.
    package init(_ configuration: WorkerConfiguration) {
        self.init(
            baseURL: configuration.graph.baseURL,
            version: configuration.graph.version,
            connectTimeout: configuration.graph.connectTimeout,
            responseTimeout: configuration.graph.responseTimeout,
            appSecret: configuration.graph.appSecret,
            maxInFlight: configuration.worker.maxInFlight
        )
    }
}

/// A setting that no call could be made with, with what would be right.
package struct InvalidGraphSettings: Error, Hashable, CustomStringConvertible {
    /// The configuration key.
    package var key: String
    package var reason: String

    package var description: String { "\(key): \(reason)" }
}
