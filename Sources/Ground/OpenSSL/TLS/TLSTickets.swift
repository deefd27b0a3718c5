import COpenSSL
import Synchronization

/// The tickets by which a client's later connections to a host go on with the keys of an earlier one.
///
/// A ticket is given out once: a second connection with it could be linked to the first by whoever listens. Those of
/// a host are given out newest first, and where there are too many, the oldest goes.
final class TLSTickets: Sendable {
    private let hosts: Mutex<Hosts>

    init(perHost: Int = 64, hosts: Int = 32) {
        self.hosts = Mutex(Hosts(ticketLimit: perHost, hostLimit: hosts))
    }

    func add(_ ticket: TLSTicket, for host: String) {
        hosts.withLock { $0.add(ticket, for: host) }
    }

    func take(for host: String) -> TLSTicket? {
        hosts.withLock { $0.take(for: host) }
    }

    private struct Hosts {
        let ticketLimit: Int
        let hostLimit: Int
        var tickets: [String: [TLSTicket]] = [:]
        /// Ascending by the time of the last ticket.
        var order: [String] = []

        mutating func add(_ ticket: TLSTicket, for host: String) {
            tickets[host, default: []].append(ticket)
            if tickets[host, default: []].count > ticketLimit { tickets[host]?.removeFirst() }
            if order.last == host { return }
            order.removeAll { $0 == host }
            order.append(host)
            if order.count > hostLimit { tickets[order.removeFirst()] = nil }
        }

        mutating func take(for host: String) -> TLSTicket? {
            guard let ticket = tickets[host]?.popLast() else { return nil }
            if tickets[host]?.isEmpty == true {
                tickets[host] = nil
                order.removeAll { $0 == host }
            }
            return ticket
        }
    }
}

/// The contents of one ticket: the keys and what was verified of the server.
///
/// `@unchecked Sendable`: one owner at a time, handed over under the store's lock.
final class TLSTicket: @unchecked Sendable {
    let session: OpaquePointer

    /// A copy, because a session that ends without close_notify makes its own unusable.
    init?(copying session: OpaquePointer) {
        guard let copy = SSL_SESSION_dup(session) else { return nil }
        self.session = copy
    }

    deinit { SSL_SESSION_free(session) }
}
