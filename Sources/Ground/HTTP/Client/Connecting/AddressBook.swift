import Reactor

/// The addresses of one host, as far as they are known, and when to ask for them again.
///
/// Providers retire addresses under steady traffic, and each answer of a name server may be another part of them. So
/// names are asked again by time, and after a connection that could not be opened. What was known before serves on
/// while the resolver fails or is slow, unless connections to it failed.
struct AddressBook {
    enum Action: Equatable {
        /// Connect to these.
        case use([SocketAddress])
        /// Wait for the answer that is under way.
        case wait
    }

    /// For so long an answer counts as fresh.
    static let freshness: Int64 = 30_000_000_000

    private var addresses: [SocketAddress] = []
    private var answerTime = Int64.min
    private var isSuspect = false
    private(set) var isAsking = false

    /// A connection is to be opened.
    ///
    /// - Returns: Also whether the resolver is to be asked now.
    mutating func addresses(now: Int64) -> (Action, ask: Bool) {
        if !addresses.isEmpty, !isSuspect {
            let isFresh = now < answerTime + Self.freshness
            return (.use(addresses), ask: ask(if: !isFresh))
        }
        return (.wait, ask: ask(if: true))
    }

    /// The resolver's answer.
    ///
    /// - Returns: What those that wait for it connect to, or why they cannot.
    mutating func answered(
        _ result: Result<[SocketAddress], ResolveError>,
        now: Int64
    ) -> Result<[SocketAddress], ResolveError> {
        isAsking = false
        switch result {
        case .success(let found):
            addresses = found
            answerTime = now
            isSuspect = false
        case .failure(let error) where error.kind == .notFound:
            addresses = []
        case .failure:
            // The resolver's own trouble proves nothing about what was known.
            if !addresses.isEmpty { return .success(addresses) }
        }
        return result
    }

    /// No connection to the addresses could be opened: they may not be the host's any more.
    mutating func connectFailed() { isSuspect = true }

    private mutating func ask(if isNeeded: Bool) -> Bool {
        guard isNeeded, !isAsking else { return false }
        isAsking = true
        return true
    }

    /// The order in which to try addresses: shuffled, so that connections spread, the families in turn, beginning with the
    /// one that the system's resolver prefers.
    static func order(
        _ addresses: [SocketAddress],
        using random: inout some RandomNumberGenerator
    ) -> [SocketAddress] {
        guard let preferred = addresses.first?.family else { return [] }
        let first = addresses.filter { $0.family == preferred }.shuffled(using: &random)
        let second = addresses.filter { $0.family != preferred }.shuffled(using: &random)
        var ordered: [SocketAddress] = []
        for place in 0..<max(first.count, second.count) {
            if place < first.count { ordered.append(first[place]) }
            if place < second.count { ordered.append(second[place]) }
        }
        return ordered
    }
}
