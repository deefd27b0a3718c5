/// Where a configuration is read from, so that it can be read again in the same way.
package struct ConfigurationPlaces: Sendable {
    package var options: [ConfigurationOption]
    package var environment: [String: String]
    /// The path of the YAML file; nil where there is none.
    package var file: String?

    package init(options: [ConfigurationOption] = [], environment: [String: String] = [:], file: String? = nil) {
        self.options = options
        self.environment = environment
        self.file = file
    }

    /// Reads it.
    ///
    /// - Throws: Every problem at once.
    package func load() throws(ConfigurationError) -> LoadedConfiguration {
        var read: ConfigurationFile?
        if let file { read = try ConfigurationFile(path: file) }
        return try LoadedConfiguration.load(options: options, environment: environment, file: read)
    }
}
