import Foundation
import Testing

@testable import OpenSSL

@Suite("TLS certificates")
struct TLSCertificateTests {
    private func end(
        of certificate: TestCertificate,
        trusting authority: TestCertificate = Samples.authority,
        hostName: String = "good.example"
    ) throws -> TLSSession.Progress {
        try Peers(.trusting(authority), .server(certificate), hostName: hostName).handshake()
    }

    @Test(arguments: [
        ("DNS:good.example", "good.example"),
        ("DNS:other.example,DNS:GOOD.example", "good.EXAMPLE"),
        ("DNS:*.wild.example", "a.wild.example"),
        ("IP:127.0.0.1", "127.0.0.1"),
        ("IP:2001:db8::1", "2001:DB8:0::1"),
    ])
    func acceptsTheNamesItIsFor(names: String, host: String) throws {
        #expect(try end(of: Samples.leaf(names), hostName: host) == .done(0))
    }

    /// The common name of all of them is `good.example`.
    @Test(
        arguments: [
            (nil, "good.example", "no host"),
            ("email:a@good.example", "good.example", "no host"),
            ("DNS:other.example", "good.example", "other.example"),
            ("DNS:other.example,IP:10.0.0.1,IP:2001:db8::1", "good.example", "other.example, 10.0.0.1, 2001:db8::1"),
            ("DNS:g*.wild.example", "good.wild.example", "g*.wild.example"),
            ("DNS:*d.wild.example", "good.wild.example", "*d.wild.example"),
            ("DNS:*.wild.example", "a.b.wild.example", "*.wild.example"),
            ("DNS:*.wild.example", "wild.example", "*.wild.example"),
            ("DNS:*.example", "good.example", "*.example"),
            ("DNS:*", "good.example", "*"),
            ("DNS:127.0.0.1", "127.0.0.1", "127.0.0.1"),
            ("IP:127.0.0.2", "127.0.0.1", "127.0.0.2"),
            ("IP:127.0.0.1", "localhost", "127.0.0.1"),
            (
                "DNS:a.b,DNS:b.b,DNS:c.b,DNS:d.b,DNS:e.b,DNS:f.b,DNS:g.b", "good.example",
                "a.b, b.b, c.b, d.b, e.b and 2 others"
            ),
        ] as [(String?, String, String)]
    )
    func refusesOtherNames(names: String?, host: String, shown: String) throws {
        let error = try end(of: Samples.leaf(names), hostName: host).error
        #expect(error == TLSError(.wrongHost, "the server's certificate is for \(shown), not for \(host)"))
    }

    @Test func refusesWhatNobodyTrustedHasSigned() throws {
        let stranger = TestCertificate.make("Stranger \"X\"", isAuthority: true)
        let leaf = TestCertificate.make("good.example", names: "DNS:good.example", issuer: stranger)
        #expect(
            try end(of: leaf).error
                == TLSError(
                    .notTrusted,
                    "the server's certificate is not trusted: its issuer \"Stranger ?X?\" is not among the authorities "
                        + "trusted here"
                )
        )
        let alone = TestCertificate.make("good.example", names: "DNS:good.example")
        #expect(
            try end(of: alone).error
                == TLSError(.notTrusted, "the server's certificate is not trusted: it is signed by itself")
        )
        let chain = TestCertificate.make("good.example", names: "DNS:good.example", issuer: stranger, sent: [stranger])
        #expect(try end(of: chain).error?.kind == .notTrusted, "a root that the server sends is not trusted for that")
    }

    @Test func refusesACertificateSignedByOneThatIsNoAuthority() throws {
        let leaf = TestCertificate.make(
            "evil.example",
            names: "DNS:good.example",
            issuer: Samples.good,
            sent: [Samples.good]
        )
        #expect(try end(of: leaf).error?.kind == .notTrusted)
    }

    @Test func tellsSinceWhenItHasExpired() throws {
        let leaf = Samples.leaf("DNS:good.example", from: -86_400 * 3, to: -86_400)
        let error = try end(of: leaf).error
        #expect(error?.kind == .expired)
        let pattern = /the server's certificate expired at (\S+Z); this machine's clock says (\S+Z)/
        let match = try #require(error?.message.wholeMatch(of: pattern))
        let end = try Date(String(match.1), strategy: .iso8601)
        #expect(abs(end.timeIntervalSinceNow + 86_400) < 60)
        #expect(try abs(Date(String(match.2), strategy: .iso8601).timeIntervalSinceNow) < 60)
    }

    @Test func tellsFromWhenOnItIsValid() throws {
        let leaf = Samples.leaf("DNS:good.example", from: 7200)
        let error = try end(of: leaf).error
        #expect(error?.kind == .notYetValid)
        let pattern =
            /the server's certificate is not yet valid: only from (\S+Z) on; this machine's clock says (\S+Z)/
        let match = try #require(error?.message.wholeMatch(of: pattern))
        let start = try Date(String(match.1), strategy: .iso8601)
        #expect(abs(start.timeIntervalSinceNow - 7200) < 60)
        #expect(try abs(Date(String(match.2), strategy: .iso8601).timeIntervalSinceNow) < 60)
    }

    @Test func tellsThatAnAuthorityHasExpired() throws {
        let old = TestCertificate.make("Old Root", isAuthority: true, from: -86_400 * 3, to: -86_400)
        let leaf = TestCertificate.make("good.example", names: "DNS:good.example", issuer: old)
        let error = try end(of: leaf, trusting: old).error
        #expect(error?.kind == .expired)
        #expect(error?.message.hasPrefix("the certificate of the authority \"Old Root\" expired at ") == true)
    }

    /// A newer root stands in two forms: signed by itself, and by an older root, which has expired meanwhile. Servers go
    /// on sending the second form for old clients.
    @Test(arguments: [true, false])
    func acceptsAValidPathBesideAnExpiredOne(trustsOldToo: Bool) throws {
        let old = TestCertificate.make("Old Root", isAuthority: true, from: -86_400 * 3, to: -86_400)
        let new = TestCertificate.make("New Root", isAuthority: true)
        let cross = TestCertificate.make("New Root", isAuthority: true, issuer: old, key: new, to: -3600)
        let leaf = TestCertificate.make("good.example", names: "DNS:good.example", issuer: new, sent: [cross, old])
        let trusted = try joined(trustsOldToo ? [old, cross, new] : [new])
        #expect(try Peers(.client(caFile: trusted), .server(leaf)).handshake() == .done(0))
        #expect(try end(of: leaf, trusting: old).error?.kind == .expired, "by the old path alone it is not")
    }

    private func joined(_ certificates: [TestCertificate]) throws -> String {
        let path = certificates[0].directory.appending(path: "joined.pem").path
        try write(certificates.map { try String(contentsOfFile: $0.certificate, encoding: .utf8) }.joined(), to: path)
        return path
    }

    @Test func trustsAnAuthorityBetween() throws {
        let between = TestCertificate.make("Between", isAuthority: true, issuer: Samples.authority)
        let leaf = TestCertificate.make("good.example", names: "DNS:good.example", issuer: between)
        #expect(try end(of: leaf, trusting: between) == .done(0))
        #expect(try end(of: leaf).error?.kind == .notTrusted, "the server forgot to send it")
    }

    @Test func trustsAServersOwnCertificate() throws {
        let alone = TestCertificate.make("good.example", names: "DNS:good.example")
        #expect(try end(of: alone, trusting: alone) == .done(0))
        #expect(try end(of: alone, trusting: alone, hostName: "a.example").error?.kind == .wrongHost)
    }

    @Test func refusesBrokenFiles() throws {
        let directory = Samples.authority.directory
        let path = directory.appending(path: "broken.pem").path
        let good = try String(contentsOfFile: Samples.authority.certificate, encoding: .utf8)
        for (text, message) in [
            ("", "\(path) is not a file of certificates (PEM), or is broken"),
            ("no certificate", "\(path) is not a file of certificates (PEM), or is broken"),
            (good + good.dropLast(100), "\(path) is not a file of certificates (PEM), or is broken"),
        ] {
            try write(text, to: path)
            #expect(throws: TLSError(.file, message)) { try TLSContext.client(caFile: path) }
        }
        #expect(throws: TLSError(.file, "the file of certificates /nowhere/ca.pem does not exist")) {
            try TLSContext.client(caFile: "/nowhere/ca.pem")
        }
        let other = Samples.good
        #expect(throws: TLSError.self) {
            try TLSContext.server(certificateChainFile: other.certificate, privateKeyFile: Samples.authority.key)
        }
        #expect(throws: TLSError(.file, "/nowhere is no readable file of certificates (PEM)")) {
            try TLSContext.server(certificateChainFile: "/nowhere", privateKeyFile: other.key)
        }
    }
}
