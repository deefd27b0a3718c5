import COpenSSL
import Testing

@testable import OpenSSL

@Suite("TLS tickets")
struct TLSTicketTests {
    /// Connects, and reads the tickets that the server sends.
    @discardableResult
    private func connect(_ client: TLSContext, _ server: TLSContext, host: String = "good.example") throws -> Peers {
        let peers = try Peers(client, server, hostName: host)
        try #require(peers.handshake() == .done(0))
        #expect(peers.server.write("answer") == .done(6))
        #expect(peers.client.read().text == "answer")
        return peers
    }

    @Test func usesEachTicketOnce() throws {
        let (client, server) = (try TLSContext.trusting(), try TLSContext.server(Samples.good))
        let first = try connect(client, server)
        #expect(!first.client.isResumed)
        // A server gives two. None of these connections reads the new ones that its own handshake brings.
        let later = try (0..<3).map { _ in
            let peers = try Peers(client, server)
            #expect(peers.handshake() == .done(0))
            return peers.client.isResumed
        }
        #expect(later == [true, true, false])
    }

    @Test func resumesConnectionAfterConnection() throws {
        let (client, server) = (try TLSContext.trusting(), try TLSContext.server(Samples.good))
        try connect(client, server)
        for _ in 0..<10 { #expect(try connect(client, server).client.isResumed) }
    }

    @Test func resumesAfterAnUncleanEnd() throws {
        let (client, server) = (try TLSContext.trusting(), try TLSContext.server(Samples.good))
        do {
            let peers = try connect(client, server)
            peers.link.closeServer()
            #expect(peers.client.read().progress == .closed(cleanly: false))
        }
        for _ in 0..<2 {
            let peers = try Peers(client, server)
            #expect(peers.handshake() == .done(0))
            #expect(peers.client.isResumed, "the last ticket too")
        }
    }

    @Test func resumesWithTLS12() throws {
        let (client, server) = (try TLSContext.trusting(), try TLSContext.server(Samples.good))
        SSL_CTX_ctrl(server.handle, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
        try connect(client, server)
        #expect(try connect(client, server).client.isResumed)
    }

    @Test func shakesHandsInFullWhereATicketIsRefused() throws {
        let client = try TLSContext.trusting()
        try connect(client, .server(Samples.good))
        let restarted = try TLSContext.server(Samples.good)
        let peers = try connect(client, restarted)
        #expect(!peers.client.isResumed)
        #expect(try connect(client, restarted).client.isResumed)
    }

    @Test func keepsTheTicketsOfEachHostApart() throws {
        let (client, server) = (try TLSContext.trusting(), try TLSContext.server(Samples.good))
        try connect(client, server)
        #expect(try !connect(client, server, host: "a.wild.example").client.isResumed)
        #expect(try connect(client, server, host: "A.wild.example").client.isResumed)
        #expect(try connect(client, server, host: "good.example.").client.isResumed)
    }

    @Test func forgetsThemWithTheContext() throws {
        let server = try TLSContext.server(Samples.good)
        try connect(.trusting(), server)
        #expect(try !connect(.trusting(), server).client.isResumed)
    }

    @Test func sendsNoEarlyData() throws {
        let (client, server) = (try TLSContext.trusting(), try TLSContext.server(Samples.good))
        SSL_CTX_set_max_early_data(server.handle, 16_384)
        SSL_CTX_set_recv_max_early_data(server.handle, 16_384)
        let earlier = try connect(client, server)
        // Against replays such a server keeps its sessions, but only those that ended well.
        #expect(earlier.server.shutdown() == .done(0))
        let peers = try Peers(client, server)
        #expect(peers.client.write("ask") == .wantsRead, "it waits for the server")
        #expect(peers.server.handshake() == .wantsRead)
        #expect(peers.client.write("ask") == .done(3))
        #expect(peers.server.handshake() == .done(0))
        #expect(peers.client.isResumed)
        #expect(SSL_get_early_data_status(peers.server.handle) == SSL_EARLY_DATA_NOT_SENT)
        #expect(peers.server.read().text == "ask")
    }

    @Test func keepsAFewOfAFewHostsNewestFirst() throws {
        let store = TLSTickets(perHost: 2, hosts: 2)
        let tickets = try (0..<6).map { _ in
            let session = try #require(SSL_SESSION_new())
            defer { SSL_SESSION_free(session) }
            return try #require(TLSTicket(copying: session))
        }
        for ticket in tickets[..<3] { store.add(ticket, for: "a") }
        store.add(tickets[3], for: "b")
        store.add(tickets[4], for: "a")
        store.add(tickets[5], for: "c")
        #expect(store.take(for: "b") == nil, "its ticket was the oldest")
        #expect(store.take(for: "a") === tickets[4])
        #expect(store.take(for: "a") === tickets[2])
        #expect(store.take(for: "a") == nil)
        #expect(store.take(for: "c") === tickets[5])
        #expect(store.take(for: "c") == nil)
    }
}
