extension WorkerConfiguration {
    /// How to reach the Graph API.
    package struct Graph: Sendable, Hashable {
        /// An `http` or `https` URL without a trailing slash; may hold a path, never a query.
        package var baseURL = "https://graph.instagram.com"
        package var version = "v23.0"
        package var connectTimeout = Duration.seconds(5)
        /// From the end of the request to the end of the answer.
        package var responseTimeout = Duration.seconds(30)
        /// With it every call carries an `appsecret_proof`.
        package var appSecret: SecretText?
        /// Path of a PEM file with certificates that are trusted beside the system's.
        package var caFile: String?
        /// `http://[user:password@]host:port`; nil where calls go straight to the endpoint.
        package var proxy: SecretText?

        /// The defaults.
        package init() {}
    }

    /// Where the accounts' access tokens come from; at most one of the two is set.
    package struct Tokens: Sendable, Hashable {
        /// Path of a JSON or YAML map of account id to token.
        package var file: String?
        /// Path of a directory with one file per account id.
        package var directory: String?
        /// Whether tokens are refreshed before they expire and written back.
        package var refresh = false
        /// How long before its end a token is refreshed.
        package var refreshBefore = Duration.seconds(7 * 86_400)

        /// The defaults.
        package init() {}
    }

    /// What is asked about media before a call.
    package struct Media: Sendable, Hashable {
        package var preflight = true

        /// The defaults.
        package init() {}
    }
}
