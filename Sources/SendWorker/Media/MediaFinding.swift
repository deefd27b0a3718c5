import HTTP
import HTTPCodec
import InstagramMessaging

/// What is known about a file before a call is spent on it.
enum MediaFinding: Sendable, Hashable {
    /// It is what it has to be, as far as its server says.
    case fine
    /// Nothing speaks against it that one could be sure of.
    case inconclusive
    /// Graph would refuse it.
    case refused(rule: RuleID, message: String)
}

extension MediaFinding {
    /// Reads an answer to HEAD, or to GET with a range.
    init(head: HTTPResponse, kind: MediaReference.Kind, url: String) {
        guard head.status == 200 || head.status == 206 else {
            self = .inconclusive
            return
        }
        let rules = MediaRules.rules(for: kind)
        let type = head.headers.first("Content-Type")
        let typeFinding = rules.finding(forType: type, url: url)
        if typeFinding == .refused {
            self = .refused(
                rule: .mediaType,
                message: "is served as \(Self.printable(MediaRules.essence(of: type) ?? "")); "
                    + "\(kind.rawValue) has to be \(rules.accepted): convert the file, or have its server name its type"
            )
        } else if let length = Self.fileLength(head), length > rules.maximumBytes {
            self = .refused(
                rule: .mediaSize,
                message: "has \(length) bytes; \(kind.rawValue) may have \(rules.maximumBytes) at most: make it smaller"
            )
        } else {
            self = typeFinding == .accepted ? .fine : .inconclusive
        }
    }

    /// The length of the whole file, where the answer tells it.
    private static func fileLength(_ head: HTTPResponse) -> Int64? {
        if head.status == 206 {
            guard let range = head.headers.first("Content-Range"), let slash = range.lastIndex(of: "/") else {
                return nil
            }
            return Int64(range[range.index(after: slash)...])
        }
        // What is compressed for the transfer has another length when Graph asks for it uncompressed.
        guard head.headers.first("Content-Encoding") == nil else { return nil }
        return head.headers.first("Content-Length").flatMap { Int64($0) }
    }

    private static func printable(_ type: String) -> String {
        String(type.prefix(60).map { $0.isASCII && !$0.isWhitespace && $0 >= " " ? $0 : "?" })
    }
}
