// MARK: - graph.*

extension WorkerConfiguration {
    /// The way to the Graph API.
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
}

extension ConfigurationKey {
    static let graph = [
        ConfigurationKey("graph.baseURL", \.graph.baseURL, .baseURL, "where the Graph API is"),
        ConfigurationKey("graph.version", \.graph.version, .graphVersion, "the version of the Graph API"),
        ConfigurationKey(
            "graph.connectTimeout",
            \.graph.connectTimeout,
            .duration(.milliseconds(10)...(.seconds(120))),
            "how long a connection may take to come up"
        ),
        ConfigurationKey(
            "graph.responseTimeout",
            \.graph.responseTimeout,
            .duration(.milliseconds(10)...(.seconds(600))),
            "how long an answer may take; after that the outcome is unknown"
        ),
        ConfigurationKey(
            "graph.appSecret",
            \.graph.appSecret,
            .appSecret,
            "the app's secret; with it every call carries an appsecret_proof"
        ),
        ConfigurationKey(
            "graph.caFile",
            \.graph.caFile,
            .path,
            "PEM certificates that are trusted beside the system's; read again when they change"
        ),
        ConfigurationKey(
            "graph.proxy",
            \.graph.proxy,
            .proxy,
            "the proxy that https calls and token refreshes go through, by CONNECT; media.preflight is off with it"
        ),
    ]
}

// MARK: - tokens.*

extension WorkerConfiguration {
    /// The source of the accounts' access tokens; at most one of the two is set.
    package struct Tokens: Sendable, Hashable {
        /// Path of a JSON or YAML map of account id to token.
        package var file: String?
        /// Path of a directory with one file per account id.
        package var directory: String?
        /// Whether tokens are refreshed before they expire and written back.
        package var refresh = false
        /// The time before its end at which a token is refreshed.
        package var refreshBefore = Duration.seconds(7 * 86_400)

        /// The defaults.
        package init() {}
    }
}

extension ConfigurationKey {
    static let tokens = [
        ConfigurationKey(
            "tokens.file",
            \.tokens.file,
            .path,
            "a JSON or YAML map of account id to access token, or to {token, pathID, baseURL, appSecret} where an account "
                + "has its own; read again when it changes"
        ),
        ConfigurationKey(
            "tokens.directory",
            \.tokens.directory,
            .path,
            "a directory with one file per account id, such as a mounted secret; read again when it changes"
        ),
        ConfigurationKey(
            "tokens.refresh",
            \.tokens.refresh,
            .boolean,
            "refresh long-lived tokens of Instagram Login before they expire, and write them back to their file"
        ),
        ConfigurationKey(
            "tokens.refreshBefore",
            \.tokens.refreshBefore,
            .duration(.seconds(3600)...(.seconds(50 * 86_400))),
            "how long before its end a token is refreshed"
        ),
    ]
}
