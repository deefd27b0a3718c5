// MARK: - validation.*

extension WorkerConfiguration {
    /// The checks of requests before they are queued.
    package struct Validation: Sendable, Hashable {
        package var unknownFields = UnknownFieldPolicy.refuse
        /// True lets media URLs name loopback and private hosts; meant for tests.
        package var allowPrivateHosts = false

        /// The defaults.
        package init() {}

        /// The treatment of members of a request that are not documented.
        package enum UnknownFieldPolicy: String, Sendable, Hashable, CaseIterable {
            /// The request is rejected.
            case refuse
            /// They are passed on to Graph.
            case forward
        }
    }
}

extension ConfigurationKey {
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

// MARK: - media.*

extension WorkerConfiguration {
    /// The check of media before a call.
    package struct Media: Sendable, Hashable {
        package var preflight = true

        /// The defaults.
        package init() {}
    }
}

extension ConfigurationKey {
    static let media = [
        ConfigurationKey(
            "media.preflight",
            \.media.preflight,
            .boolean,
            "ask for a media URL's type and size before the call"
        )
    ]
}
