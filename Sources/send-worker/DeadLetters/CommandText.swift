import KafkaClient

/// This process's own command, to be shown so that it can be given again.
enum CommandText {
    /// Quoted for a shell; values of keys that are named like secrets are hidden.
    static var current: String {
        CommandLine.arguments.map { quoted(hidingSecret($0)) }.joined(separator: " ")
    }

    private static func hidingSecret(_ argument: String) -> String {
        let assignment = argument.hasPrefix("--set=") ? String(argument.dropFirst("--set=".count)) : argument
        guard let equals = assignment.firstIndex(of: "="), !assignment.hasPrefix("--"),
            KafkaConfiguration.isSecret(String(assignment[..<equals]))
        else { return argument }
        let kept = argument.count - assignment[equals...].count
        return argument.prefix(kept) + "=<hidden>"
    }

    private static func quoted(_ argument: String) -> String {
        let isPlain = argument.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || "-_./:=,+@%".utf8.contains(byte)
        }
        guard !isPlain || argument.isEmpty else { return argument }
        return "'" + argument.replacing("'", with: "'\\''") + "'"
    }
}
