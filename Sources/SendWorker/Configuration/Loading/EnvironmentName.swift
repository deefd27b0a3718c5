/// How a key is spelled in the environment: `KAFKA_BOOTSTRAP_SERVERS` for `kafka.bootstrapServers`.
package enum EnvironmentName {
    /// Words are divided where a capital follows a small letter; all but letters and digits becomes an underscore.
    package static func of(_ key: String) -> String {
        var name = ""
        var isBehindSmallLetter = false
        for character in key {
            if isBehindSmallLetter, character.isUppercase { name += "_" }
            isBehindSmallLetter = character.isLowercase
            name += character.isLetter || character.isNumber ? character.uppercased() : "_"
        }
        return name
    }
}
