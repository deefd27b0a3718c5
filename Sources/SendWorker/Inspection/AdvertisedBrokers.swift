import KafkaClient
import Reactor

/// The addresses by which a cluster's brokers name themselves (`advertised.listeners`), and which of them cannot be
/// reached from here.
///
/// A first broker answers at the address that the configuration names, whatever it is called itself; all else goes to
/// the addresses that it gives then. Where these are for others (a container's own name, a private address), nothing
/// works and nobody says why.
struct AdvertisedBrokers: Sendable, Hashable {
    /// How long each address gets.
    static let probeLimit = Duration.seconds(2)
    /// Of more brokers than this the first ones are tried.
    private static let mostProbed = 32

    /// The `host:port` pairs that the configuration names.
    let bootstrapServers: String
    let all: [KafkaBroker]
    /// In the order of the brokers.
    let unreachable: [Unreachable]

    struct Unreachable: Sendable, Hashable {
        var broker: KafkaBroker
        var failure: AddressProbe.Failure
    }

    init(bootstrapServers: String, all: [KafkaBroker], unreachable: [Unreachable]) {
        self.bootstrapServers = bootstrapServers
        self.all = all
        self.unreachable = unreachable
    }

    /// Tries them all.
    init(probing brokers: [KafkaBroker], bootstrapServers: String, on reactor: Reactor) async {
        let resolver = SystemResolver()
        let probed = brokers.prefix(Self.mostProbed)
        let failures = await withTaskGroup(of: (Int, AddressProbe.Failure?).self) { tasks in
            for (index, broker) in probed.enumerated() {
                tasks.addTask {
                    let failure = await AddressProbe.failure(
                        host: broker.host,
                        port: broker.port,
                        within: Self.probeLimit,
                        resolver: resolver,
                        on: reactor
                    )
                    return (index, failure)
                }
            }
            return await tasks.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        self.init(
            bootstrapServers: bootstrapServers,
            all: Array(probed),
            unreachable: probed.enumerated().compactMap { index, broker in
                failures[index].flatMap { $0 }.map { Unreachable(broker: broker, failure: $0) }
            }
        )
    }

    /// Tries them all, on a reactor made for it.
    static func probed(_ brokers: [KafkaBroker], bootstrapServers: String) async -> AdvertisedBrokers {
        // Without one there is nothing to say against them.
        guard let reactor = try? Reactor(name: "address probe") else {
            return AdvertisedBrokers(bootstrapServers: bootstrapServers, all: brokers, unreachable: [])
        }
        let probed = await AdvertisedBrokers(probing: brokers, bootstrapServers: bootstrapServers, on: reactor)
        await reactor.shutdown()
        return probed
    }

    /// What `config --check` says of them.
    var findings: [Finding] {
        guard let problem else { return [] }
        return areAllUnreachable
            ? [.problem(.kafka, .failed, problem, remedy: remedy)] : [.warning(.kafka, problem, remedy: remedy)]
    }

    /// Whether no broker can be reached, so that nothing can be read or written.
    var areAllUnreachable: Bool { !all.isEmpty && unreachable.count == all.count }

    /// What is wrong, in one line; nil where every broker can be reached.
    var problem: String? {
        guard !unreachable.isEmpty else { return nil }
        let named = unreachable.prefix(5).map { "\($0.broker) (broker \($0.broker.id)): \($0.failure)" }
        let more = unreachable.count > 5 ? ", and \(unreachable.count - 5) more" : ""
        return
            "the cluster at \(bootstrapServers) answers and names its brokers by addresses of which \(unreachable.count) of"
            + " \(all.count) cannot be reached from here: " + named.joined(separator: "; ") + more
    }

    /// What to do about it.
    var remedy: String {
        areAllUnreachable
            ? "give the brokers an advertised.listeners that this machine can reach (with containers: a listener of its own for"
                + " clients outside), or make these names and ports reachable from here"
            : "start these brokers, or correct their advertised.listeners"
    }
}
