/// The reason why bytes are no message of HTTP/1.1, or none within the limits. The connection cannot be read further.
package struct HTTPParseError: Error, Hashable, Sendable {
    package enum Kind: Error, Hashable, Sendable, CaseIterable {
        // A line of the head or of the trailers.
        case bareLineFeed, controlCharacter, foldedLine, spaceBeforeColon, fieldName
        // The first line.
        case statusLine, requestLine, target, version, notHTTP, tlsHandshake, http2Preface
        // The framing.
        case contentLength, severalLengths, lengthWithCoding, transferCoding, unsupportedCoding, codingInOldVersion
        case chunkSize, chunkEnd, chunkExtension
        // The limits.
        case requestLineTooLong, headTooLong, tooManyFields, tooManyInterimResponses, bodyTooLong,
            chunkExtensionsTooLong
        // The rest.
        case missingHost, severalHosts, host, switchingProtocols, unsolicited
    }

    package let kind: Kind
    /// The line, counted from the first of the head through the trailers; nil where the fault is not in one line.
    package let line: Int?

    init(kind: Kind, line: Int) {
        self.kind = kind
        self.line = kind.isInOneLine ? line : nil
    }

    /// The status with which a server answers; nil where the peer does not speak HTTP/1.1 and nothing is to be answered.
    package var status: Int? {
        switch kind {
        case .tlsHandshake, .http2Preface: nil
        case .version: 505
        case .unsupportedCoding: 501
        case .requestLineTooLong: 414
        case .headTooLong, .tooManyFields: 431
        case .bodyTooLong: 413
        default: 400
        }
    }
}

extension HTTPParseError: CustomStringConvertible {
    /// The fault, its place, and what would be right; nothing that the peer sent.
    package var description: String {
        guard let line else { return kind.words }
        return "line \(line): \(kind.words)"
    }
}

extension HTTPParseError.Kind {
    fileprivate var isInOneLine: Bool {
        switch self {
        case .bareLineFeed, .controlCharacter, .foldedLine, .spaceBeforeColon, .fieldName: true
        case .statusLine, .requestLine, .target, .version: true
        default: false
        }
    }

    fileprivate var words: String {
        switch self {
        case .bareLineFeed: "it ends in a bare line feed; write CR LF"
        case .controlCharacter: "a control character (a bare CR, a NUL) stands in it"
        case .foldedLine: "it begins with white space; a field stands on one line"
        case .spaceBeforeColon: "white space stands before the colon"
        case .fieldName: "it is no field; write name: value"
        case .statusLine: "it is no status line; write HTTP/1.1, a status of three digits, a reason"
        case .requestLine: "it is no request line; write method, target and HTTP/1.1 with one space between them"
        case .target: "the target is none of path, http URL, host:port (CONNECT) and * (OPTIONS)"
        case .version: "the version is not HTTP/1.0 or HTTP/1.1"
        case .notHTTP: "the first byte is not that of an HTTP/1.1 response"
        case .tlsHandshake: "the peer begins a TLS handshake, and this connection is plain HTTP/1.1"
        case .http2Preface: "the peer speaks HTTP/2, and this connection is HTTP/1.1"
        default: framingWords
        }
    }

    private var framingWords: String {
        switch self {
        case .contentLength: "Content-Length is not a number of at most 18 digits"
        case .severalLengths: "Content-Length stands there more than once"
        case .lengthWithCoding: "Content-Length and Transfer-Encoding stand beside each other"
        case .transferCoding: "Transfer-Encoding is not chunked"
        case .unsupportedCoding: "Transfer-Encoding names another coding than chunked"
        case .codingInOldVersion: "Transfer-Encoding stands in a message of HTTP/1.0"
        case .chunkSize: "a chunk's size is not 1 to 16 hexadecimal digits and CR LF"
        case .chunkEnd: "no CR LF stands behind a chunk"
        case .chunkExtension: "a control character or a bare CR or LF stands in a chunk's extension"
        default: limitWords
        }
    }

    private var limitWords: String {
        switch self {
        case .requestLineTooLong: "the request line is longer than allowed"
        case .headTooLong: "the head (with 1xx responses and trailers) is longer than allowed"
        case .tooManyFields: "the head (with 1xx responses and trailers) has more fields than allowed"
        case .tooManyInterimResponses: "more 1xx responses came than allowed"
        case .bodyTooLong: "the body is longer than allowed"
        case .chunkExtensionsTooLong: "the extensions of the chunks are longer than allowed"
        case .missingHost: "Host is missing; a request of HTTP/1.1 has exactly one"
        case .severalHosts: "Host stands there more than once"
        case .host: "Host is not a host name or an address with at most a port"
        case .switchingProtocols: "the server switches protocols (101), which nobody asked for"
        default: "bytes came that belong to no message"
        }
    }
}
