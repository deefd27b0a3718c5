package import Telemetry

/// Makes the token source that the configuration asks for.
package enum TokenSources {
    /// How often the place of the tokens is looked at.
    package static let interval = Duration.seconds(1)

    /// - Parameter pause: Waits until the next look; throws when cancelled.
    /// - Throws: ``ConfigurationError`` if no place is configured, ``TokenPlaceError`` if it cannot be read.
    package static func make(
        _ settings: WorkerConfiguration.Tokens,
        logger: Logger,
        pause: @escaping @Sendable () async throws -> Void = { try await Task.sleep(for: interval) }
    ) throws -> any TokenSource {
        guard let place = place(settings) else { throw ConfigurationError.missingTokenPlace }
        return try WatchedTokens(place, logger: logger, pause: pause)
    }

    /// The place that is configured; nil where there is none.
    package static func place(_ settings: WorkerConfiguration.Tokens) -> (any RefreshableTokens)? {
        if let file = settings.file { return TokenFile(path: file) }
        return settings.directory.map { TokenDirectory(path: $0) }
    }
}

extension ConfigurationError {
    package static let missingTokenPlace = ConfigurationError([
        "tokens.file (default) names no file and tokens.directory no directory; set one of the two, "
            + "for example TOKENS_FILE=/run/secrets/tokens.json"
    ])
}
