import FoundationEssentials
import HTTP

extension ValueFormat<String> {
    /// Kafka's bootstrap servers: `host:port`, several divided by commas.
    static var servers: Self {
        checked("servers", accepted: "host:port, several divided by commas") { text in
            let servers = text.split(separator: ",", omittingEmptySubsequences: false)
            for server in servers {
                guard let fault = faultOfServer(server.trimmed) else {
                    continue
                }
                return servers.count > 1 ? "has an entry that \(fault)" : fault
            }
            return nil
        }
    }

    /// The host or address that a server listens on.
    static var host: Self {
        checked("host", accepted: "a host name or an IP address, 0.0.0.0 for all") { text in
            text.isEmpty || text.contains { $0.isWhitespace || "/@,".contains($0) } ? "is not a host" : nil
        }
    }

    /// The URL that Graph paths are appended to; a trailing slash is taken off.
    static var baseURL: Self { baseURL(example: WorkerConfiguration.Graph().baseURL) }

    /// The URL that paths are appended to; a trailing slash is taken off.
    static func baseURL(example: String) -> Self {
        let accepted = "an http or https URL without query, for example \(example)"
        return ValueFormat(
            typeName: "URL",
            accepted: accepted,
            parse: { text in
                if let fault = faultOfURL(text) {
                    return .failure(ValueRefusal("\(fault); write \(accepted)"))
                }
                return .success(String(text.reversed().drop { $0 == "/" }.reversed()))
            },
            show: { $0 }
        )
    }

    /// The base URL of a collector.
    static var collectorURL: Self {
        let base = baseURL(example: "http://localhost:4318")
        return ValueFormat(
            typeName: base.typeName,
            accepted: base.accepted,
            parse: { text in
                guard case .success(let url) = base.parse(text), url.hasSuffix("/v1/traces") else {
                    return base.parse(text)
                }
                return .failure(ValueRefusal("ends with /v1/traces, which the worker adds by itself; leave it out"))
            },
            show: base.show
        )
    }

    private static func faultOfServer(_ server: Substring) -> String? {
        let address = server.split(separator: "://", maxSplits: 1).last ?? ""
        guard !address.isEmpty, !address.contains(where: { $0.isWhitespace || $0 == "/" || $0 < " " }) else {
            return "is not host:port"
        }
        // The colons of an IPv6 address in brackets divide no port.
        guard let colon = address.lastIndex(of: ":"), !address.hasSuffix("]") else {
            return nil
        }
        guard colon > address.startIndex else {
            return "names no host"
        }
        let port = Int(address[address.index(after: colon)...]) ?? 0
        return (1...65535).contains(port) ? nil : "has a port that is not 1 to 65535"
    }

    private static func faultOfURL(_ text: String) -> String? {
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty else {
            return "is not a URL with a host"
        }
        guard let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme) else {
            return "has a scheme other than http and https"
        }
        if let port = parts.port, !(1...65535).contains(port) {
            return "has a port that is not 1 to 65535"
        }
        guard parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil else {
            return "holds a user, a query or a fragment"
        }
        return nil
    }
}

extension ValueFormat<[String]> {
    /// Names of hosts, without a port; upper and lower case are the same.
    static var hostNames: Self {
        let accepted = "host names without a port, several divided by commas or as a list"
        return ValueFormat(
            typeName: "hosts",
            accepted: accepted,
            parse: { text in
                let names = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmed.lowercased() }
                if names.contains("") { return .failure(ValueRefusal("has an empty entry; write \(accepted)")) }
                guard names.allSatisfy(isHostName) else {
                    return .failure(ValueRefusal("has an entry that is not a host name; write \(accepted)"))
                }
                return .success(names)
            },
            show: { $0.joined(separator: ",") }
        )
    }

    private static func isHostName(_ name: String) -> Bool {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        return name.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count)
                    && label.utf8.allSatisfy { ValueFormat<String>.isWordByte($0) || $0 == UInt8(ascii: "-") }
            }
    }
}

extension ValueFormat<SecretText> {
    /// The URL of a proxy. The refusals repeat nothing of it: it may hold a password.
    static var proxy: Self {
        let accepted = "http://[user:password@]host:port"
        return ValueFormat(
            typeName: "secret",
            accepted: accepted,
            parse: { text in
                SecretText.line(of: text).flatMap { secret in
                    faultOfProxy(secret.revealed).map { .failure(ValueRefusal("\($0); write \(accepted)")) }
                        ?? .success(secret)
                }
            },
            show: { $0.description }
        )
    }

    private static let unescaped = ", or holds special characters that are not written as %XX"

    private static func faultOfProxy(_ text: String) -> String? {
        if ["%0a", "%0d"].contains(where: text.lowercased().contains) { return "holds a line break (%0A or %0D)" }
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty else {
            return "is not a URL with a host" + (text.contains("@") ? unescaped : "")
        }
        guard parts.scheme?.lowercased() == "http" else { return "has a scheme other than http" }
        guard let port = parts.port else { return "has no port" }
        guard (1...65535).contains(port) else { return "has a port that is not 1 to 65535" }
        guard ["", "/"].contains(parts.path), parts.query == nil, parts.fragment == nil else {
            return "holds a path, a query or a fragment\(unescaped)"
        }
        // What calls go by in the end; a user without a password is none.
        return (try? HTTPProxy(text)) == nil
            ? "is not a proxy\(unescaped)" : nil
    }
}

extension StringProtocol {
    /// The text without white space at either end.
    var trimmed: SubSequence {
        let start = firstIndex { !$0.isWhitespace } ?? endIndex
        let end = lastIndex { !$0.isWhitespace }.map { index(after: $0) } ?? start
        return self[start..<end]
    }
}
