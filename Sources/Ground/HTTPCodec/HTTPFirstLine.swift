/// The method of a request: a token, whose case matters.
package struct HTTPMethod: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// The method of this name. A name that is no token is refused when the request is written.
    package init(rawValue: String) { self.rawValue = rawValue }

    package static let get = HTTPMethod(rawValue: "GET")
    package static let head = HTTPMethod(rawValue: "HEAD")
    package static let post = HTTPMethod(rawValue: "POST")
    package static let put = HTTPMethod(rawValue: "PUT")
    package static let patch = HTTPMethod(rawValue: "PATCH")
    package static let delete = HTTPMethod(rawValue: "DELETE")
    package static let options = HTTPMethod(rawValue: "OPTIONS")
    package static let connect = HTTPMethod(rawValue: "CONNECT")

    package var description: String { rawValue }
}

/// The reasons that stand behind a status (RFC 9110, 15).
package enum HTTPStatus {
    private static let reasons: [Int: String] = [
        100: "Continue", 101: "Switching Protocols", 103: "Early Hints",
        200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content",
        301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
        307: "Temporary Redirect", 308: "Permanent Redirect",
        400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
        406: "Not Acceptable", 407: "Proxy Authentication Required", 408: "Request Timeout", 409: "Conflict",
        410: "Gone", 411: "Length Required", 412: "Precondition Failed", 413: "Content Too Large",
        414: "URI Too Long", 415: "Unsupported Media Type", 416: "Range Not Satisfiable", 417: "Expectation Failed",
        421: "Misdirected Request", 422: "Unprocessable Content", 425: "Too Early", 426: "Upgrade Required",
        428: "Precondition Required", 429: "Too Many Requests", 431: "Request Header Fields Too Large",
        500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
        504: "Gateway Timeout", 505: "HTTP Version Not Supported",
    ]

    /// The reason of a status; empty for one that has none here.
    package static func reason(_ status: Int) -> String { reasons[status] ?? "" }
}

/// The version at the beginning of a response and at the end of a request line.
enum HTTPVersion {
    /// The x of HTTP/1.x; any other version is refused.
    static func minor(
        of bytes: Span<UInt8>,
        _ range: Range<Int>,
        malformed: HTTPParseError.Kind
    ) throws(HTTPParseError.Kind) -> Int {
        let start = range.lowerBound
        guard range.count > 5, bytes.equals(start..<start + 5, "HTTP/"), HTTPCharacters.isDigit(bytes[start + 5]) else {
            throw malformed
        }
        guard bytes[start + 5] == UInt8(ascii: "1") else { throw .version }
        guard range.count == 8, bytes[start + 6] == UInt8(ascii: "."), HTTPCharacters.isDigit(bytes[start + 7]) else {
            throw malformed
        }
        return Int(bytes[start + 7] - 0x30)
    }
}
