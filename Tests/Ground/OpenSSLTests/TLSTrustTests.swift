import Foundation
import Testing

@testable import OpenSSL

@Suite("What TLS clients trust")
struct TLSTrustTests {
    @Test func followsTheFileOfCertificates() throws {
        let old = Samples.authority
        let new = TestCertificate.make("New Root", isAuthority: true)
        let leaves = try [old, new].map {
            try TLSContext.server(TestCertificate.make("good.example", names: "DNS:good.example", issuer: $0))
        }
        let file = new.directory.appending(path: "ca.pem").path
        let (oldText, newText) = (
            try String(contentsOfFile: old.certificate, encoding: .utf8),
            try String(contentsOfFile: new.certificate, encoding: .utf8)
        )
        try write(oldText, to: file)
        let reloading = try ReloadingTLSContext(caFile: file)
        func accepted() throws -> [Bool] {
            try leaves.map { try Peers(reloading.current, $0).handshake() == .done(0) }
        }
        #expect(try accepted() == [true, false])
        #expect(reloading.reloadIfChanged() == .none)

        try replace(file, by: oldText + newText)
        #expect(reloading.reloadIfChanged() == .replaced)
        #expect(try accepted() == [true, true])

        try replace(file, by: "broken")
        let message = "\(file) is not a file of certificates (PEM), or is broken"
        #expect(reloading.reloadIfChanged() == .refused(TLSError(.file, message)))
        #expect(reloading.reloadIfChanged() == .none, "it is said once")
        #expect(try accepted() == [true, true])

        try FileManager.default.removeItem(atPath: file)
        let gone = TLSError(.file, "the file of certificates \(file) does not exist")
        #expect(reloading.reloadIfChanged() == .refused(gone))
        #expect(reloading.reloadIfChanged() == .none)
        #expect(try accepted() == [true, true])

        try replace(file, by: newText)
        #expect(reloading.reloadIfChanged() == .replaced)
        #expect(try accepted() == [false, true])
    }

    /// As Kubernetes does with mounted secrets: another file takes the name.
    private func replace(_ file: String, by text: String) throws {
        try write(text, to: file + ".new")
        try #require(rename(file + ".new", file) == 0)
    }

    @Test func hasNothingToFollowWithoutAFile() throws {
        #expect(try ReloadingTLSContext(caFile: nil).reloadIfChanged() == .none)
    }

    /// The environment belongs to the whole process.
    @Test(.timeLimit(.minutes(1))) func trustsWhatTheEnvironmentNames() async {
        await #expect(processExitsWith: .success) {
            setenv("SSL_CERT_FILE", Samples.authority.certificate, 1)
            setenv("SSL_CERT_DIR", "/nowhere", 1)
            let roots = TLSContext.systemRoots
            precondition(roots.hasCertificates)
            precondition(roots.file == Samples.authority.certificate && roots.directories == ["/nowhere"])
            let end = try Peers(.client(), .server(Samples.good)).handshake()
            precondition(end == .done(0))
        }
        await #expect(processExitsWith: .success) {
            let directory = Samples.authority.directory.appending(path: "hashed").path
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: Samples.authority.certificate, toPath: directory + "/root.pem")
            setenv("SSL_CERT_FILE", "/nowhere", 1)
            setenv("SSL_CERT_DIR", "/elsewhere:\(directory)", 1)
            precondition(!TLSContext.systemRoots.hasCertificates, "OpenSSL looks for other names")
            try openssl("rehash", directory)
            precondition(TLSContext.systemRoots.hasCertificates)
            let end = try Peers(.client(), .server(Samples.good)).handshake()
            precondition(end == .done(0))
        }
    }

    @Test(.timeLimit(.minutes(1))) func namesThePathsWhereNoCertificateIs() async {
        await #expect(processExitsWith: .success) {
            setenv("SSL_CERT_FILE", "/nowhere/cert.pem", 1)
            setenv("SSL_CERT_DIR", "/nowhere/certs:/elsewhere", 1)
            let text =
                "no certificate of an authority was found in /nowhere/cert.pem, /nowhere/certs, /elsewhere; "
                + "install ca-certificates or set SSL_CERT_FILE"
            precondition(!TLSContext.systemRoots.hasCertificates)
            precondition(TLSContext.systemRoots.description == text)
            let error = try Peers(.client(), .server(Samples.good)).handshake().error
            precondition(error?.kind == .notTrusted)
            precondition(error?.message.hasSuffix("trusted here; " + text) == true, "\(String(describing: error))")
        }
        await #expect(processExitsWith: .success) {
            setenv("SSL_CERT_FILE", "", 1)
            setenv("SSL_CERT_DIR", "", 1)
            precondition(!TLSContext.systemRoots.hasCertificates)
            precondition(
                TLSContext.systemRoots.description.contains("nowhere (SSL_CERT_FILE and SSL_CERT_DIR are empty)")
            )
        }
    }

    @Test(.timeLimit(.minutes(1))) func makesSessionsOfOneContextOnManyThreads() async throws {
        let (client, server) = (try TLSContext.trusting(), try TLSContext.server(Samples.good))
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    let peers = try Peers(client, server)
                    return peers.handshake() == .done(0) && peers.server.write("answer") == .done(6)
                        && peers.client.read().text == "answer"
                }
            }
            for try await isGood in group { #expect(isGood) }
        }
    }
}
