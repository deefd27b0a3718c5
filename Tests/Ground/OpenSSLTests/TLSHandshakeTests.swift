import COpenSSL
import Foundation
import Testing

@testable import OpenSSL

@Suite("TLS handshakes")
struct TLSHandshakeTests {
    @Test func carriesBytesBothWaysOverTheNewestVersion() throws {
        let peers = try Peers(.trusting(), .server(Samples.good))
        #expect(peers.handshake() == .done(0))
        #expect(peers.client.version == "TLSv1.3")
        #expect(peers.client.applicationProtocol == "http/1.1")
        #expect(peers.server.applicationProtocol == "http/1.1")
        #expect(!peers.client.isResumed)
        #expect(peers.client.write("ask") == .done(3))
        #expect(peers.server.read().text == "ask")
        #expect(peers.server.write("answer") == .done(6))
        #expect(peers.client.read().text == "answer")
        #expect(peers.client.read().progress == .wantsRead)
    }

    @Test func speaksTLS12AndNothingOlder() throws {
        let server = try TLSContext.server(Samples.good)
        SSL_CTX_ctrl(server.handle, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
        let peers = try Peers(.trusting(), server)
        #expect(peers.handshake() == .done(0))
        #expect(peers.client.version == "TLSv1.2")

        SSL_CTX_set_cipher_list(server.handle, "ALL:@SECLEVEL=0")
        SSL_CTX_ctrl(server.handle, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(TLS1_VERSION), nil)
        SSL_CTX_ctrl(server.handle, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_1_VERSION), nil)
        let old = try Peers(.trusting(), server).handshake()
        #expect(old.error?.kind == .protocolVersion)
        #expect(old.error?.message == "the peer knows no version of TLS that is allowed here: 1.2 and up")
    }

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "220 mail.example ESMTP\r\n", "\r\n\r\n\r\n"])
    func tellsThatPlainTextIsAnswered(text: String) throws {
        let link = Link()
        let client = try TLSSession(.trusting(), descriptor: link.client, hostName: "good.example")
        #expect(client.handshake() == .wantsRead)
        #expect(send(link.server, text, text.utf8.count, 0) == text.utf8.count)
        let end = client.handshake()
        #expect(end.error?.kind == .notTLS)
        #expect(end.error?.message == "the server answers in plain text; does it speak TLS on this port?")
        #expect(client.read().progress == end, "what failed stays so")
    }

    @Test func tellsThatThePeerLeftDuringTheHandshake() throws {
        let link = Link()
        let client = try TLSSession(.trusting(), descriptor: link.client, hostName: "good.example")
        #expect(client.handshake() == .wantsRead)
        link.drainServer()
        link.closeServer()
        #expect(client.handshake() == .closed(cleanly: false))
    }

    @Test func tellsThatTheConnectionWasResetDuringTheHandshake() throws {
        let link = Link(tcp: ())
        let client = try TLSSession(.trusting(), descriptor: link.client, hostName: "good.example")
        #expect(client.handshake() == .wantsRead)
        link.resetServer()
        #expect(client.handshake().error == TLSError(.socket(errno: ECONNRESET), "the connection was reset"))
    }

    /// In TLS 1.3 the client is done, and may have written, before the server refuses.
    @Test func tellsThatTheServerWantsACertificateAfterTheFirstWrite() throws {
        let server = try TLSContext.server(Samples.good)
        SSL_CTX_set_verify(server.handle, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        let peers = try Peers(.trusting(), server)
        #expect(peers.client.handshake() == .wantsRead)
        #expect(peers.server.handshake() == .wantsRead)
        #expect(peers.client.handshake() == .done(0))
        #expect(peers.client.write("ask") == .done(3))
        #expect(peers.server.handshake().error != nil)
        let end = peers.client.read().progress.error
        #expect(end?.kind == .clientCertificateRefused)
        #expect(end?.message == "the server asks for a client's certificate and gets none")
    }

    @Test func tellsThatAnOlderServerWantsACertificate() throws {
        let server = try TLSContext.server(Samples.good)
        SSL_CTX_ctrl(server.handle, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
        SSL_CTX_set_verify(server.handle, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        let end = try Peers(.trusting(), server).handshake().error
        #expect(end?.kind == .clientCertificateRefused)
        #expect(end?.message == "the server asks for a client's certificate and gets none")
    }

    @Test func tellsThatNoCipherIsInCommon() throws {
        let server = try TLSContext.server(Samples.good)
        SSL_CTX_ctrl(server.handle, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
        // For keys of RSA, and the server's is not.
        #expect(SSL_CTX_set_cipher_list(server.handle, "AES128-SHA256") == 1)
        let end = try Peers(.trusting(), server).handshake().error
        #expect(end == TLSError(.protocolFailure, "the peer ended the session: handshake failure"))
    }

    @Test func namesTheHostInLowerCaseAndWithoutItsLastDot() throws {
        let peers = try Peers(.trusting(), .server(Samples.good), hostName: "Good.Example.")
        #expect(peers.handshake() == .done(0))
        let name = SSL_get_servername(peers.server.handle, TLSEXT_NAMETYPE_host_name)
        #expect(name.map { String(cString: $0) } == "good.example")
    }

    @Test(arguments: ["127.0.0.1", "::1", "[::1]", "0:0:0:0:0:0:0:1"])
    func namesNoHostToAnAddress(address: String) throws {
        let peers = try Peers(.trusting(), .server(Samples.good), hostName: address)
        #expect(peers.handshake() == .done(0))
        #expect(SSL_get_servername(peers.server.handle, TLSEXT_NAMETYPE_host_name) == nil)
    }

    /// To OpenSSL some of them mean "any host".
    @Test(arguments: ["", ".", ".example", "good.example\0.evil.example", "a b", "g\u{F6}\u{F6}d.example", "[]"])
    func refusesWhatIsNoHostsName(name: String) throws {
        let link = Link()
        let context = try TLSContext.trusting()
        #expect { try TLSSession(context, descriptor: link.client, hostName: name) } throws: { error in
            (error as? TLSError)?.kind == .invalidHostName
        }
    }
}
