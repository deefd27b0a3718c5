import COpenSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The places of the certificates of the authorities that the system trusts, and whether there is any.
///
/// OpenSSL looks into a file and a list of directories; `SSL_CERT_FILE` and `SSL_CERT_DIR` name others in their place.
package struct SystemRoots: Sendable, CustomStringConvertible {
    package let file: String
    package let directories: [String]
    package let hasCertificates: Bool

    package var description: String {
        let paths = ([file] + directories).filter { !$0.isEmpty }
        let places =
            paths.isEmpty ? "nowhere (SSL_CERT_FILE and SSL_CERT_DIR are empty)" : paths.joined(separator: ", ")
        return hasCertificates
            ? "certificates of authorities: \(places)"
            : "no certificate of an authority was found in \(places); install ca-certificates or set SSL_CERT_FILE"
    }

    static func found() -> SystemRoots {
        OpenSSLLibrary.prepare()
        let directories = value(of: X509_get_default_cert_dir_env(), orElse: X509_get_default_cert_dir())
            .split(separator: ":").map(String.init)
        return SystemRoots(
            file: filePath,
            directories: directories,
            hasCertificates: directories.contains(where: holdsCertificates) || (certificates?.count ?? 0) > 0
        )
    }

    /// Has a context trust them: those of the file, and those of the directories, where one is read when it is needed.
    static func trust(in context: OpaquePointer) {
        certificates?.add(to: SSL_CTX_get_cert_store(context))
        SSL_CTX_set_default_verify_dir(context)
        ERR_clear_error()
    }

    /// Read once: that takes some 100 ms, and contexts are made anew on threads that may not wait so long.
    private static let certificates = try? CertificateFile(filePath)

    private static var filePath: String {
        value(of: X509_get_default_cert_file_env(), orElse: X509_get_default_cert_file())
    }

    private static func value(of variable: UnsafePointer<CChar>?, orElse fallback: UnsafePointer<CChar>?) -> String {
        if let variable, let value = getenv(variable) { return String(cString: value) }
        return fallback.map { String(cString: $0) } ?? ""
    }

    /// Whether a file has the name under which OpenSSL looks an authority up: eight hexadecimal digits, a dot, a number.
    private static func holdsCertificates(_ directory: String) -> Bool {
        guard let stream = opendir(directory) else { return false }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { Array(String(cString: $0).utf8) }
            }
            guard name.count >= 10, name[8] == UInt8(ascii: ".") else { continue }
            let isHash = name[..<8].allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
            if isHash, name[9...].allSatisfy({ (0x30...0x39).contains($0) }) { return true }
        }
        return false
    }
}

/// The certificates of a PEM file.
///
/// `@unchecked Sendable`: the store is only read, and certificates may be shared by threads.
final class CertificateFile: @unchecked Sendable {
    private let store: OpaquePointer

    /// The number of different certificates.
    var count: Int { Int(c_store_add_certificates(store, nil)) }

    init(_ path: String) throws(TLSError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            let reason = errno == ENOENT ? "does not exist" : "cannot be read (\(String(cString: strerror(errno))))"
            throw TLSError(.file, "the file of certificates \(path) \(reason)")
        }
        close(descriptor)
        OpenSSLLibrary.prepare()
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard let store = X509_STORE_new() else { throw TLSError(.file, "no memory for the certificates of \(path)") }
        self.store = store
        guard X509_STORE_load_file(store, path) == 1 else {
            throw TLSError(.file, "\(path) is not a file of certificates (PEM), or is broken")
        }
    }

    deinit { X509_STORE_free(store) }

    func add(to store: OpaquePointer?) { _ = c_store_add_certificates(self.store, store) }
}
