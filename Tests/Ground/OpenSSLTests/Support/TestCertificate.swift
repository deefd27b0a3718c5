import Foundation

/// A certificate and its key, made by the `openssl` command in a directory of its own.
struct TestCertificate: Sendable {
    let directory: URL
    var certificate: String { directory.appending(path: "certificate.pem").path }
    var key: String { directory.appending(path: "key.pem").path }
    /// The certificate, and those between it and the root.
    var chain: String { directory.appending(path: "chain.pem").path }

    /// Makes one. Without an issuer it is signed by itself; with the key of another it is the same subject's.
    static func make(
        _ commonName: String,
        names: String? = nil,
        isAuthority: Bool = false,
        issuer: TestCertificate? = nil,
        key: TestCertificate? = nil,
        sent: [TestCertificate] = [],
        from: TimeInterval = -86_400,
        to: TimeInterval = 86_400
    ) -> TestCertificate {
        let directory = TemporaryDirectory.shared.appending(path: UUID().uuidString)
        let made = TestCertificate(directory: directory)
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            if let key {
                try FileManager.default.copyItem(atPath: key.key, toPath: made.key)
            } else {
                try openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", made.key)
            }
            let request = directory.appending(path: "request.pem").path
            try openssl("req", "-new", "-key", made.key, "-subj", "/CN=\(commonName)", "-out", request, "-batch")
            let configuration = directory.appending(path: "ca.cnf").path
            try write(Self.configuration(directory.path, names: names, isAuthority: isAuthority), to: configuration)
            for name in ["index.txt", "index.txt.attr"] { try write("", to: directory.appending(path: name).path) }
            let signer =
                issuer.map { ["-cert", $0.certificate, "-keyfile", $0.key] } ?? ["-selfsign", "-keyfile", made.key]
            let arguments =
                ["ca", "-batch", "-notext", "-config", configuration, "-in", request]
                + ["-out", made.certificate, "-startdate", date(from), "-enddate", date(to)] + signer
            try openssl(arguments)
            let parts = try ([made] + sent).map { try String(contentsOfFile: $0.certificate, encoding: .utf8) }
            try write(parts.joined(), to: made.chain)
        } catch {
            fatalError("the certificate \(commonName) cannot be made: \(error)")
        }
        return made
    }

    private static func configuration(_ directory: String, names: String?, isAuthority: Bool) -> String {
        """
        [ca]
        default_ca = authority
        [authority]
        dir = \(directory)
        database = \(directory)/index.txt
        new_certs_dir = \(directory)
        default_md = sha256
        policy = policy
        unique_subject = no
        rand_serial = yes
        x509_extensions = extensions
        [policy]
        commonName = optional
        [extensions]
        basicConstraints = critical,CA:\(isAuthority ? "TRUE" : "FALSE")
        subjectKeyIdentifier = hash
        \(names.map { "subjectAltName = \($0)" } ?? "")
        """ + "\n"
    }

    private static func date(_ offset: TimeInterval) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "yyyyMMddHHmmss'Z'"
        return formatter.string(from: Date(timeIntervalSinceNow: offset))
    }
}

/// Where everything of this process goes, and is removed at its end.
private enum TemporaryDirectory {
    static let shared: URL = {
        atexit { try? FileManager.default.removeItem(at: url) }
        return url
    }()

    private static let url = FileManager.default.temporaryDirectory
        .appending(path: "openssl-tests-\(ProcessInfo.processInfo.processIdentifier)")
}

func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
}

func openssl(_ arguments: String...) throws { try openssl(arguments) }

func openssl(_ arguments: [String]) throws {
    struct Failure: Error {
        let text: String
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw Failure(text: "openssl \(arguments.joined(separator: " ")): \(String(decoding: text, as: UTF8.self))")
    }
}

/// An authority that the tests' clients trust, and certificates of it, made once.
enum Samples {
    static let authority = TestCertificate.make("Test Root", isAuthority: true)
    static let good = leaf("DNS:good.example,DNS:*.wild.example,IP:127.0.0.1,IP:::1")

    static func leaf(_ names: String?, from: TimeInterval = -86_400, to: TimeInterval = 86_400) -> TestCertificate {
        .make("good.example", names: names, issuer: authority, from: from, to: to)
    }
}
