package import Foundation

/// Why a trial cannot be made.
struct TrialError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Certificates that vouch for themselves, made by the `openssl` command in a folder of their own.
package struct TrialCertificates: Sendable {
    package struct Pair: Sendable {
        package let certificate: String
        package let key: String
    }

    /// The host that the certificate is for.
    package static let host = "origin.test"

    package let folder: URL
    package let origin: Pair
    /// For another host.
    package let other: Pair
    /// Both, for a client that trusts them.
    package let trusted: String

    package init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "http-trial-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        origin = try Self.make("origin", "DNS:\(Self.host),IP:127.0.0.1", in: folder)
        other = try Self.make("other", "DNS:other.test", in: folder)
        trusted = folder.appending(path: "trusted.pem").path
        let both = try [origin, other].map { try String(contentsOfFile: $0.certificate, encoding: .utf8) }
        try both.joined().write(toFile: trusted, atomically: true, encoding: .utf8)
    }

    package func remove() { try? FileManager.default.removeItem(at: folder) }

    private static func make(_ name: String, _ hosts: String, in folder: URL) throws -> Pair {
        let pair = Pair(
            certificate: folder.appending(path: "\(name).pem").path,
            key: folder.appending(path: "\(name)-key.pem").path
        )
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=\(name)", "-addext", "subjectAltName=\(hosts)", "-keyout", pair.key, "-out", pair.certificate,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw TrialError("openssl req ended with an error") }
        return pair
    }
}
