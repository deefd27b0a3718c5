package import HTTP
package import OpenSSL

/// The settings of the transport's way to Graph.
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
    /// For `https`, unless the host is this machine.
    package var proxy: HTTPProxy?
    /// The trust that `https` servers are judged by; nil for the system's.
    package var tls: TLSContext?

    package init(
        baseURL: String = WorkerConfiguration.Graph().baseURL,
        version: String = WorkerConfiguration.Graph().version,
        connectTimeout: Duration = WorkerConfiguration.Graph().connectTimeout,
        responseTimeout: Duration = WorkerConfiguration.Graph().responseTimeout,
        appSecret: SecretText? = nil,
        maxInFlight: Int = WorkerConfiguration.Worker().maxInFlight,
        proxy: HTTPProxy? = nil,
        tls: TLSContext? = nil
    ) {
        self.baseURL = baseURL
        self.version = version
        self.connectTimeout = connectTimeout
        self.responseTimeout = responseTimeout
        self.appSecret = appSecret
        self.maxInFlight = maxInFlight
        self.proxy = proxy
        self.tls = tls
    }
}

extension WorkerConfiguration.Graph {
    /// The proxy that leads to the endpoint; nil where there is none.
    package var endpointProxy: HTTPProxy? {
        // The text was checked when it was loaded.
        proxy.flatMap { try? HTTPProxy($0.revealed) }
    }
}

extension GraphSettings {
    /// Takes the settings from the worker's configuration.
    ///
    /// - Parameter tls: The trust that `https` servers are judged by.
    package init(_ configuration: WorkerConfiguration, tls: TLSContext?) {
        self.init(
            baseURL: configuration.graph.baseURL,
            version: configuration.graph.version,
            connectTimeout: configuration.graph.connectTimeout,
            responseTimeout: configuration.graph.responseTimeout,
            appSecret: configuration.graph.appSecret,
            maxInFlight: configuration.worker.maxInFlight,
            proxy: configuration.graph.endpointProxy,
            tls: tls
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
