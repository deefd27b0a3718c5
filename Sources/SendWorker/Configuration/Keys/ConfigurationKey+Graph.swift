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

    static let media = [
        ConfigurationKey(
            "media.preflight",
            \.media.preflight,
            .boolean,
            "ask for a media URL's type and size before the call"
        )
    ]

    static let validation = [
        ConfigurationKey(
            "validation.unknownFields",
            \.validation.unknownFields,
            .choice(),
            "members of a request that are not documented: refuse the request, or forward them to Graph"
        ),
        ConfigurationKey(
            "validation.allowPrivateHosts",
            \.validation.allowPrivateHosts,
            .boolean,
            "let media URLs name loopback and private hosts; for tests"
        ),
    ]
}
