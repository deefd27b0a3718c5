package import KafkaClient
import Synchronization

/// Advice for a connection to a broker that fails, by the words of librdkafka.
package enum ConnectionHint {
    /// The limit of SCRAM with an old librdkafka.
    static var oldSCRAM: String {
        "librdkafka before 2.6.1 (here: \(KafkaConfiguration.librdkafkaVersion)) cannot sign in there with SCRAM; install a "
            + "newer one, or use PLAIN over TLS or client certificates"
    }

    /// Nil where librdkafka's own words are all there is.
    package static func remedy(
        for complaint: String,
        securityProtocol: String,
        hasWorkingSCRAM: Bool = KafkaConfiguration.hasWorkingSCRAM
    ) -> String? {
        if complaint.contains("SASL mechanism SCRAM"), !hasWorkingSCRAM {
            return "correct kafka.properties.sasl.username and sasl.password, unless the brokers are Apache Kafka 4: "
                + oldSCRAM
        }
        let closedAtOnce =
            "a port that closes a connection at once expects TLS, or is no Kafka port: set"
            + " kafka.properties.security.protocol to SSL or SASL_SSL (it is \(securityProtocol)), or name another port"
        let rules: [(signs: [String], remedy: String)] = [
            (["connecting to a SSL listener", "requesting ApiVersion"], closedAtOnce),
            (
                ["PLAINTEXT broker listener", "wrong version number", "packet length too long", "unexpected eof"],
                "the port answers without TLS: set kafka.properties.security.protocol to PLAINTEXT or SASL_PLAINTEXT (it is"
                    + " \(securityProtocol)), or name the port for TLS"
            ),
            (
                ["certificate verify failed", "self signed", "unable to get local issuer"],
                "set kafka.properties.ssl.ca.location to the PEM file of the authority that signed the brokers' certificates"
            ),
            (
                ["might require SASL"],
                "the port asks who is there: set kafka.properties.security.protocol to SASL_PLAINTEXT or SASL_SSL (it is"
                    + " \(securityProtocol)), with sasl.mechanism, sasl.username and sasl.password"
            ),
            (
                ["not valid in current SASL state"],
                "the port does not ask who is there: set kafka.properties.security.protocol to PLAINTEXT or SSL (it is"
                    + " \(securityProtocol)), or name the port for SASL"
            ),
            (
                ["Unsupported SASL mechanism"],
                "set kafka.properties.sasl.mechanism to one that the brokers support"
            ),
            (
                ["SASL authentication error", "Authentication failed"],
                "correct kafka.properties.sasl.username and sasl.password"
            ),
            (["Failed to resolve"], "correct kafka.bootstrapServers, or make the name resolve here"),
            // All that librdkafka 2.16.0 says of it.
            (["in state APIVERSION_QUERY"], closedAtOnce),
        ]
        return rules.first { rule in rule.signs.contains { complaint.contains($0) } }?.remedy
    }
}

/// Keeps librdkafka's own words while something is tried: where a connection fails, the reason stands nowhere else.
package final class KafkaComplaints: Sendable {
    private static let warningLevel = 4

    private let latest = Mutex<String?>(nil)

    package init() {}

    package func take(_ line: KafkaLogLine) {
        // A connection that the other side closes is no more to librdkafka than information. The reason is what comes before
        // "1/1 brokers are down".
        guard line.level <= Self.warningLevel || line.facility == "FAIL", !line.message.hasSuffix("brokers are down")
        else { return }
        latest.withLock { $0 = Self.withoutThread(line.message) }
    }

    /// The last of them, without the thread's name; nil where nothing was said since the last `forget`.
    package var last: String? { latest.withLock { $0 } }

    func forget() { latest.withLock { $0 = nil } }

    /// `[thrd:host:port/bootstrap]: ` at the front says nothing to a reader.
    private static func withoutThread(_ message: String) -> String {
        guard message.hasPrefix("[thrd:"), let end = message.firstRange(of: "]: ") else { return message }
        return String(message[end.upperBound...])
    }
}

extension KafkaConfiguration {
    /// The same, with librdkafka's lines kept for whoever has to explain a failure.
    func complaining(to complaints: KafkaComplaints) -> KafkaConfiguration {
        var copy = self
        copy.onLog = { [onLog] line in
            complaints.take(line)
            onLog?(line)
        }
        return copy
    }
}
