import Telemetry

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How many files and sockets this process may have open. Shells and service managers often begin with 256 or 1,024, and
/// calls for which no socket can be had fail as if the endpoint were away.
enum DescriptorLimit {
    /// What the worker needs besides its calls: connections to brokers, clients of the admin endpoints, tokens, libraries.
    private static let reserve = 512

    /// Allows what a configuration needs, as far as the system lets the process, and warns where that is too little.
    ///
    /// - Parameter hosts: How many hosts accounts are called at: the connections to one may be idle while all calls go to
    ///   another.
    static func prepare(maxInFlight: Int, hosts: Int = 1, logger: Logger) {
        // Media are looked at over connections of their own.
        let needed = (hosts + 1) * maxInFlight + reserve
        let allowed = raise(to: needed)
        guard allowed < needed else { return }
        logger.warning(
            """
            too few files and sockets may be open at once: under load calls will fail as if the endpoint were away; raise the \
            hard limit (ulimit -Hn, LimitNOFILE=) or lower worker.maxInFlight
            """,
            metadata: ["allowed": "\(allowed)", "needed": "\(needed)"]
        )
    }

    /// Raises the soft limit to a number where it is lower, or as near to it as the hard limit allows.
    ///
    /// - Returns: What is in force then; `Int.max` where there is no limit or none is known.
    static func raise(to needed: Int) -> Int {
        guard let (soft, hard) = current else { return .max }
        let wanted = min(needed, hard)
        return soft < wanted && set(soft: wanted) ? wanted : soft
    }

    /// The limits in force, each at most `Int.max`; nil where the system does not say.
    static var current: (soft: Int, hard: Int)? {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return nil }
        return (Int(clamping: limit.rlim_cur), Int(clamping: limit.rlim_max))
    }

    /// Sets the soft limit; false where the system does not let the process.
    static func set(soft: Int) -> Bool {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return false }
        limit.rlim_cur = rlim_t(soft)
        return setrlimit(resource, &limit) == 0
    }

    #if canImport(Glibc)
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
    private static let resource = RLIMIT_NOFILE
    #endif
}
