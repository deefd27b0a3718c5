import COpenSSL
import Foundation
import Testing

@testable import OpenSSL

@Suite("TLS sessions")
struct TLSSessionTests {
    private func connected(_ link: Link = Link()) throws -> Peers {
        let peers = try Peers(.trusting(), .server(Samples.good), link: link)
        try #require(peers.handshake() == .done(0))
        // What the server sends behind the handshake, tickets, is read by the way.
        try #require(peers.client.read().progress == .wantsRead)
        return peers
    }

    @Test func takesNoOtherSessionsErrorForItsOwn() throws {
        let peers = try connected()
        #expect(SSL_CTX_use_certificate_chain_file(peers.client.context.handle, "/nowhere") == 0)
        #expect(ERR_peek_error() != 0, "an error is left in this thread's queue")
        #expect(peers.client.read().progress == .wantsRead)
        #expect(SSL_CTX_use_certificate_chain_file(peers.client.context.handle, "/nowhere") == 0)
        #expect(peers.client.write("ask") == .done(3))
        #expect(peers.server.read().text == "ask")
    }

    @Test func leavesNoErrorForOthers() throws {
        let link = Link()
        let client = try TLSSession(.trusting(), descriptor: link.client, hostName: "good.example")
        #expect(client.handshake() == .wantsRead)
        send(link.server, "no TLS", 6, 0)
        #expect(client.handshake().error != nil)
        #expect(ERR_peek_error() == 0)
    }

    @Test func goesOnWithAWriteFromAnotherBuffer() throws {
        let peers = try connected(Link(bufferBytes: 4096))
        var sent: [UInt8] = []
        var received: [UInt8] = []
        var seed: UInt64 = 1
        var waits = 0
        while sent.count < 1_000_000 {
            let bytes = (0..<20_000).map { _ in
                seed = seed &* 6_364_136_223_846_793_005 &+ 1
                return UInt8(truncatingIfNeeded: seed >> 56)
            }
            var start = 0
            while start < bytes.count {
                // Elsewhere in memory each time, and longer than what is left of the record.
                let moved = Array(bytes[start...])
                switch peers.client.write(moved) {
                case .done(let count): start += count
                case .wantsWrite:
                    waits += 1
                    received += drain(peers.server)
                case let other:
                    Issue.record("\(other)")
                    return
                }
            }
            sent += bytes
        }
        received += drain(peers.server)
        #expect(received == sent)
        #expect(waits > 10)
    }

    private func drain(_ session: TLSSession) -> [UInt8] {
        var all: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while case .done(let count) = bytes.withUnsafeMutableBytes({ session.read(into: $0) }) {
            all += bytes[..<count]
        }
        return all
    }

    @Test func readsWhatCameThoughItsOwnNewKeysFindNobody() throws {
        let peers = try connected(Link(tcp: ()))
        for _ in 0..<3 {
            #expect(SSL_key_update(peers.server.handle, Int32(SSL_KEY_UPDATE_REQUESTED)) == 1)
            #expect(peers.server.handshake() == .done(0))
        }
        #expect(peers.server.write("answer") == .done(6))
        peers.link.closeServer()
        peers.link.waitForClient()
        #expect(peers.client.read().text == "answer")
        #expect(peers.client.read().progress == .closed(cleanly: false))
        #expect(peers.client.write("more") != .done(4))
    }

    @Test func writesNothingForNoBytes() throws {
        let peers = try connected()
        let before = peers.client.peer.pointee.bytes_written
        #expect(peers.client.write([]) == .done(0))
        #expect(peers.client.peer.pointee.bytes_written == before)
        #expect(peers.server.read().progress == .wantsRead)
    }

    @Test func namesWhatAWriteWaitsForThoughItIsARead() throws {
        let link = Link()
        let client = try TLSSession(.trusting(), descriptor: link.client, hostName: "good.example")
        #expect(client.write("too early") == .wantsRead, "there are no keys before the handshake's end")
        let server = try TLSSession(server: .server(Samples.good), descriptor: link.server)
        #expect(server.handshake() == .wantsRead)
        #expect(client.write("too early") == .done(9))
        #expect(server.handshake() == .done(0))
        #expect(server.read().text == "too early")
    }

    @Test func keepsWhatTheSocketNoLongerHas() throws {
        let peers = try connected()
        for text in ["first", "second", "third"] { #expect(peers.server.write(text) == .done(text.utf8.count)) }
        #expect(peers.client.read(atMost: 2).text == "fi")
        var byte: UInt8 = 0
        #expect(recv(peers.link.client, &byte, 1, Int32(MSG_PEEK)) == -1, "the socket is drained")
        var text = "fi"
        while peers.client.hasBufferedBytes { text += peers.client.read(atMost: 4).text }
        #expect(text == "firstsecondthird")
        #expect(peers.client.read().progress == .wantsRead)
    }

    /// The client's answer to it has to wait until the socket takes bytes again, and nothing is lost on the way.
    @Test func changesItsKeysWithAFullSocket() throws {
        let peers = try connected(Link(bufferBytes: 4096))
        let block = [UInt8](repeating: 7, count: 16_000)
        var written = 0
        while case .done(let count) = peers.client.write(block) { written += count }
        #expect(SSL_key_update(peers.server.handle, SSL_KEY_UPDATE_REQUESTED) == 1)
        #expect(peers.server.write("under new keys") == .done(14))
        #expect(peers.client.read().text == "under new keys")
        #expect(peers.client.read().progress == .wantsRead)

        var received = drain(peers.server).count
        while true {
            let progress = peers.client.write(block)
            received += drain(peers.server).count
            if case .done(let count) = progress {
                written += count
                break
            }
            #expect(progress == .wantsWrite)
        }
        while peers.client.write("the end") != .done(7) { received += drain(peers.server).count }
        received += drain(peers.server).count
        #expect(received == written + 7)
        #expect(SSL_get_key_update_type(peers.client.handle) == SSL_KEY_UPDATE_NONE, "and was answered")
    }

    @Test func tellsACleanEndFromACut() throws {
        let clean = try connected()
        #expect(clean.server.write("answer") == .done(6))
        #expect(clean.server.shutdown() == .done(0))
        clean.link.closeServer()
        #expect(clean.client.read().text == "answer")
        #expect(clean.client.read().progress == .closed(cleanly: true))
        #expect(clean.client.read().progress == .closed(cleanly: true), "and again")

        let cut = try connected()
        #expect(cut.server.write("answer") == .done(6))
        cut.link.closeServer()
        #expect(cut.client.read().text == "answer")
        #expect(cut.client.read().progress == .closed(cleanly: false))
        #expect(cut.client.read().progress.isWaiting == false, "and again")
    }

    @Test func tellsACutWithinARecord() throws {
        let peers = try connected(Link(tcp: ()))
        // The head of a record of 100 bytes, and a part of it.
        let part: [UInt8] = [23, 3, 3, 0, 100] + [UInt8](repeating: 1, count: 20)
        send(peers.link.server, part, part.count, 0)
        shutdown(peers.link.server, Int32(SHUT_WR))
        peers.link.waitForClient()
        var progress = peers.client.read().progress
        while progress == .wantsRead { progress = peers.client.read().progress }
        #expect(progress == .closed(cleanly: false))
    }

    @Test func tellsBytesThatWereChangedOnTheWay() throws {
        let peers = try connected()
        let record: [UInt8] = [23, 3, 3, 0, 100] + [UInt8](repeating: 1, count: 100)
        send(peers.link.server, record, record.count, 0)
        let end = peers.client.read().progress.error
        #expect(
            end
                == TLSError(
                    .protocolFailure,
                    "the peer does not keep to the protocol, or its bytes were changed on the way"
                )
        )
    }

    @Test func tellsAReset() throws {
        let peers = try connected(Link(tcp: ()))
        peers.link.resetServer()
        peers.link.waitForClient()
        #expect(peers.client.read().progress.error == TLSError(.socket(errno: ECONNRESET), "the connection was reset"))
        #expect(peers.client.shutdown() == .done(0), "nothing is left to be told")
    }

    /// A server that answers early and closes resets what is still being written.
    @Test func readsTheAnswerThatCameBeforeTheReset() throws {
        let peers = try connected(Link(tcp: ()))
        #expect(peers.client.write("a request whose body nobody reads") == .done(33))
        #expect(peers.server.write("early answer") == .done(12))
        peers.link.closeServer()
        peers.link.waitForClient()
        var progress = TLSSession.Progress.done(0)
        while case .done = progress { progress = peers.client.write("more of the body") }
        #expect(progress.error != nil)
        let answer = peers.client.read()
        #expect(answer.text == "early answer", "\(answer.progress)")
        #expect(peers.client.read().progress.isWaiting == false)
    }

    @Test func tellsThePeerThatItIsDone() throws {
        let peers = try connected()
        #expect(peers.client.shutdown() == .done(0))
        #expect(peers.client.shutdown() == .done(0), "once is enough")
        #expect(peers.server.read().progress == .closed(cleanly: true))
        // The other half stays open.
        #expect(peers.server.write("late answer") == .done(11))
        #expect(peers.client.read().text == "late answer")
    }

    @Test func tellsNothingBeforeTheHandshake() throws {
        let link = Link()
        let client = try TLSSession(.trusting(), descriptor: link.client, hostName: "good.example")
        #expect(client.shutdown() == .done(0))
        #expect(link.drainServer() == 0)
    }

    @Test(.timeLimit(.minutes(1))) func endsNoProcessByWritingToAClosedSocket() async {
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_DFL)
            let peers = try Peers(.trusting(), .server(Samples.good))
            peers.handshake()
            peers.link.closeServer()
            precondition(peers.client.write("ask").error == TLSError(.socket(errno: EPIPE), "the connection was reset"))
            precondition(peers.client.shutdown() == .done(0))
            let late = Link()
            let session = try TLSSession(.trusting(), descriptor: late.client, hostName: "good.example")
            late.closeServer()
            precondition(session.handshake().error?.kind == .socket(errno: EPIPE))
        }
    }
}
