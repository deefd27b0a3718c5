import HTTPCodec
import OpenSSL
import Reactor

/// The way to one open connection: addresses in turn, the next one when the one before fails or is slow.
///
/// A candidate is the whole way over one address, tunnel and handshake included: an address that accepts and stays silent
/// holds nobody up. The first that is through wins; none writes a byte of a request.
final class ConnectAttempt {
    /// The time that one address may take before the next is tried besides.
    private static let patience: Int64 = 250_000_000
    /// The same once it has accepted: a handshake over a long way takes its time.
    private static let handshakePatience: Int64 = 1_000_000_000
    private static let maxAddresses = 8

    private enum Timer {
        static let deadline = 0
        static let nextAddress = 1
    }

    let pool: HTTPConnectionPool
    let id: PoolState.ConnectionID
    private var addresses: ArraySlice<SocketAddress> = []
    private var candidates: [ConnectCandidate] = []
    private var failure: (stage: HTTPCallFailure.Stage, failure: HTTPCallFailure)?
    private var deadlineTimer = TimerID.none
    private var nextTimer = TimerID.none
    private var isOver = false

    init(pool: HTTPConnectionPool, id: PoolState.ConnectionID) {
        self.pool = pool
        self.id = id
    }

    /// The stage of the candidate that got furthest.
    var stage: HTTPCallFailure.Stage { furthest?.stage ?? (addresses.isEmpty ? .name : .connection) }

    /// At whom that candidate waits.
    var party: HTTPCallFailure.Party {
        pool.names.proxy != nil && stage != .handshake ? .proxy : .server
    }

    private var furthest: ConnectCandidate? { candidates.max { $0.stage < $1.stage } }

    func begin() {
        let (deadline, overflows) = pool.reactor.now.addingReportingOverflow(pool.settings.connectTimeout.nanoseconds)
        deadlineTimer = pool.reactor.setTimer(at: overflows ? .max : deadline, target: self, tag: Timer.deadline)
        if pool.origin.scheme == .https, pool.tls == nil {
            do throws(TLSError) {
                pool.tls = try TLSContext.client()
            } catch {
                // Not within this call: the pool is about to open others.
                let failure = HTTPCallFailure(.tls(error))
                return pool.reactor.runSoon { [self] in fail(failure) }
            }
        }
        pool.withAddresses { [self] answer in
            guard !isOver else { return }
            switch answer {
            case .failure(let error):
                let kind: HTTPCallFailure.Kind = error.kind == .notFound ? .nameNotFound : .nameNotResolved
                fail(HTTPCallFailure(kind, party: party))
            case .success(let found):
                addresses = AddressBook.order(found, using: &pool.random).prefix(Self.maxAddresses)
                // In the next turn: what fails at once must not call back within `begin`.
                pool.reactor.runSoon { [self] in if !isOver { tryNext() } }
            }
        }
    }

    /// Gives up without telling the pool.
    func abandon() {
        isOver = true
        pool.reactor.cancel(deadlineTimer)
        pool.reactor.cancel(nextTimer)
        for candidate in candidates { candidate.abandon() }
        candidates = []
    }

    private func tryNext() {
        pool.reactor.cancel(nextTimer)
        while let address = addresses.popFirst() {
            let candidate = ConnectCandidate(attempt: self, address: address)
            do throws(ReactorError) {
                try candidate.begin()
                candidates.append(candidate)
                return waitForNext(Self.patience)
            } catch {
                note(HTTPCallFailure(HTTPCallFailure.kind(errno: error.code), party: party), at: .connection)
                // What this process lacks, the next address does not bring.
                if error.isOutOfDescriptors { break }
            }
        }
        failIfHopeless()
    }

    private func waitForNext(_ patience: Int64) {
        pool.reactor.cancel(nextTimer)
        nextTimer = .none
        guard !addresses.isEmpty else { return }
        nextTimer = pool.reactor.setTimer(at: pool.reactor.now + patience, target: self, tag: Timer.nextAddress)
    }

    /// The candidate's address has accepted.
    func accepted() { waitForNext(Self.handshakePatience) }

    /// The candidate is through.
    func succeeded(_ candidate: ConnectCandidate, _ stream: ClientStream) {
        candidates.removeAll { $0 === candidate }
        abandon()
        pool.opened(id, stream)
    }

    func failed(_ candidate: ConnectCandidate, _ failure: HTTPCallFailure) {
        candidates.removeAll { $0 === candidate }
        note(failure, at: candidate.stage)
        if addresses.isEmpty { failIfHopeless() } else { tryNext() }
    }

    /// Keeps the failure that tells most: of those that got furthest, the first.
    private func note(_ failure: HTTPCallFailure, at stage: HTTPCallFailure.Stage) {
        if let noted = self.failure, noted.stage >= stage { return }
        self.failure = (stage, failure)
    }

    private func failIfHopeless() {
        guard candidates.isEmpty else { return }
        fail(failure?.failure ?? HTTPCallFailure(.connectTimeout(.connection), party: party))
    }

    private func fail(_ failure: HTTPCallFailure) {
        guard !isOver else { return }
        abandon()
        pool.openFailed(id, failure)
    }
}

extension ConnectAttempt: TimerTarget {
    func timerFired(_ tag: Int) {
        guard !isOver else { return }
        if tag == Timer.nextAddress {
            nextTimer = .none
            return tryNext()
        }
        let late = HTTPCallFailure(.connectTimeout(stage), party: party)
        if let failure, failure.stage > stage { fail(failure.failure) } else { fail(late) }
    }
}
