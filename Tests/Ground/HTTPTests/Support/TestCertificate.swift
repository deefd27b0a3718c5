import Foundation
import OpenSSL

/// A certificate that vouches for itself, made by the `openssl` command.
struct TestCertificate: Sendable {
    let certificate: String
    let key: String

    /// - Parameter names: As `subjectAltName` writes them.
    init(names: String) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "http-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        certificate = directory.appending(path: "certificate.pem").path
        key = directory.appending(path: "key.pem").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=test", "-addext", "subjectAltName=\(names)", "-keyout", key, "-out", certificate,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw RawSocket.Failure(call: "openssl req", code: process.terminationStatus)
        }
    }

    var server: TLSContext {
        get throws { try TLSContext.server(certificateChainFile: certificate, privateKeyFile: key) }
    }

    /// A client that trusts it.
    var client: TLSContext { get throws { try TLSContext.client(caFile: certificate) } }

    /// For this machine's addresses and for origin.test.
    static let shared = Result { try TestCertificate(names: "IP:127.0.0.1,IP:127.0.0.2,DNS:localhost,DNS:origin.test") }
    static let other = Result { try TestCertificate(names: "DNS:other.test") }
}
