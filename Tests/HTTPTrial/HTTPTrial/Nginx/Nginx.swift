import Foundation

/// An nginx in the foreground with a folder of its own, one port for plain connections and one for TLS.
///
/// It closes connections after ten requests or a second, and can be told to load its configuration again.
final class Nginx {
    let plainPort: Int
    let tlsPort: Int
    private let folder: URL
    private let process = Process()

    /// Where Debian puts it, which is not on everybody's path; nil where there is none.
    package static let binary = ["/usr/sbin/nginx", "/usr/bin/nginx", "/opt/homebrew/bin/nginx"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    init(_ certificates: TrialCertificates) throws {
        guard let binary = Self.binary else { throw TrialError("there is no nginx; make setup installs it") }
        folder = certificates.folder.appending(path: "nginx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        (plainPort, tlsPort) = (try LocalPort.unused(), try LocalPort.unused())
        let configuration = folder.appending(path: "nginx.conf")
        try text(certificates.origin).write(to: configuration, atomically: true, encoding: .utf8)
        process.executableURL = URL(fileURLWithPath: binary)
        process.arguments = ["-p", folder.path, "-e", path("error.log"), "-c", configuration.path]
        process.standardError = FileHandle.nullDevice
        try process.run()
        do {
            try waitUntilUp()
        } catch {
            process.terminate()
            throw error
        }
    }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    private func text(_ certificate: TrialCertificates.Pair) -> String {
        """
        daemon off;
        \(geteuid() == 0 ? "user root;" : "")
        worker_processes 2;
        worker_rlimit_nofile 8192;
        pid \(path("nginx.pid"));
        error_log \(path("error.log")) notice;
        events { worker_connections 2048; }
        http {
            log_format trial '$uri $status $connection_requests';
            access_log \(path("access.log")) trial;
            keepalive_requests 10;
            keepalive_timeout 1s;
            client_max_body_size 2m;
            client_body_temp_path \(path("body"));
            proxy_temp_path \(path("proxy"));
            fastcgi_temp_path \(path("fastcgi"));
            uwsgi_temp_path \(path("uwsgi"));
            scgi_temp_path \(path("scgi"));
            default_type text/plain;
            server {
                listen 127.0.0.1:\(plainPort) backlog=1024;
                listen 127.0.0.1:\(tlsPort) ssl backlog=1024;
                ssl_certificate \(certificate.certificate);
                ssl_certificate_key \(certificate.key);
                location ~ ^/t/0*(?<id>[0-9]+)$ {
                    add_header X-Answer $id.nginx;
                    return 200 "$id.nginx;";
                }
            }
        }
        """
    }

    private func waitUntilUp() throws {
        for _ in 0..<2_000 {
            guard process.isRunning else { break }
            if LocalPort.isOpen(plainPort), LocalPort.isOpen(tlsPort) { return }
            usleep(10_000)
        }
        let log = (try? String(contentsOfFile: path("error.log"), encoding: .utf8)) ?? ""
        throw TrialError("nginx does not come up:\n\(log)")
    }

    /// New workers serve new connections; the old ones close what is idle, answer what is under way, and end.
    func reload() { kill(process.processIdentifier, SIGHUP) }

    /// Ends it as soon as nothing is under way.
    func stop() {
        kill(process.processIdentifier, SIGQUIT)
        process.waitUntilExit()
    }

    deinit { if process.isRunning { process.terminate() } }

    /// How often each request was served, by its path.
    var served: [String: Int] {
        let log = (try? String(contentsOfFile: path("access.log"), encoding: .utf8)) ?? ""
        return log.split(separator: "\n").reduce(into: [:]) { served, line in
            served[String(line.prefix { $0 != " " }), default: 0] += 1
        }
    }
}

enum LocalPort {
    /// A port on which nobody listens.
    static func unused() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else { throw TrialError("no port is free: errno \(errno)") }
        return Int(in_port_t(bigEndian: address.sin_port))
    }

    static func isOpen(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port: port)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return address
    }
}
