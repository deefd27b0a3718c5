import COpenSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Where the system keeps the certificates of the authorities it trusts, and whether there is any.
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

    /// Looks at the system as it is now, which takes some milliseconds.
    static func found() -> SystemRoots {
        OpenSSLLibrary.prepare()
        let file = value(of: X509_get_default_cert_file_env(), orElse: X509_get_default_cert_file())
        let directories = value(of: X509_get_default_cert_dir_env(), orElse: X509_get_default_cert_dir())
            .split(separator: ":").map(String.init)
        return SystemRoots(
            file: file,
            directories: directories,
            hasCertificates: directories.contains(where: holdsCertificates)
                || (try? CertificateFile.count(of: file)).map { $0 > 0 } ?? false
        )
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

/// A PEM file of certificates.
enum CertificateFile {
    /// The number of different certificates in it.
    static func count(of path: String) throws(TLSError) -> Int {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            let reason = errno == ENOENT ? "does not exist" : "cannot be read (\(String(cString: strerror(errno))))"
            throw TLSError(.file, "the file of certificates \(path) \(reason)")
        }
        close(descriptor)
        let store = X509_STORE_new()
        defer { X509_STORE_free(store) }
        ERR_clear_error()
        defer { ERR_clear_error() }
        guard X509_STORE_load_file(store, path) == 1 else {
            throw TLSError(.file, "\(path) is not a file of certificates (PEM), or is broken")
        }
        return Int(c_store_certificate_count(store))
    }
}
