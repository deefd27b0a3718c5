/// The way in which a message's body ends (RFC 9112, 6.3).
package enum HTTPFraming: Hashable, Sendable {
    /// There is no body, whatever its head says.
    case none
    /// So many bytes.
    case length(Int)
    /// The last chunk.
    case chunked
    /// The end of the connection: a response that names no length.
    case untilClose
}

/// The facts that the fields of a head give about the message itself and its connection.
struct HTTPHeadFacts {
    /// The codings that `Transfer-Encoding` names.
    enum Coding {
        case none, chunked
        /// Codings that end in `chunked`, or one that is not known.
        case unsupported
        /// Codings that no reading of the RFC allows: they might hide a second message.
        case faulty
    }

    private(set) var lengthLines = 0
    /// The value of the last `Content-Length`; nil where it is not digits only.
    private(set) var length: Int?
    private(set) var coding = Coding.none
    private(set) var hostLines = 0
    /// The place of the value of the last `Host`.
    private(set) var host = 0..<0
    private(set) var expectsContinue = false
    private(set) var keepAliveTimeout: Int?
    private var closes = false
    private var keepsAlive = false

    /// Whether the connection outlives the message: `close` wins, then `keep-alive`, then the version's own rule.
    func keepsConnection(minorVersion: Int) -> Bool {
        !closes && (minorVersion > 0 || keepsAlive)
    }

    /// Takes in one field of the head.
    mutating func record(_ line: HTTPHeaders.Line, in storage: [UInt8]) {
        let bytes = storage.span
        let name = line.name
        let value = line.value
        // The length and the first letter rule out nearly all others.
        switch (name.count, bytes[name.lowerBound] | 0x20) {
        case (4, 0x68) where bytes.matches(name, word: "host"):
            hostLines += 1
            host = value
        case (6, 0x65) where bytes.matches(name, word: "expect"):
            if bytes.matches(value, word: "100-continue") { expectsContinue = true }
        case (10, 0x63) where bytes.matches(name, word: "connection"): recordConnection(value, in: bytes)
        case (10, 0x6B) where bytes.matches(name, word: "keep-alive"): recordKeepAlive(value, in: bytes)
        case (14, 0x63) where bytes.matches(name, word: "content-length"):
            lengthLines += 1
            length = bytes.decimal(value)
        case (17, 0x74) where bytes.matches(name, word: "transfer-encoding"): recordCoding(value, in: bytes)
        default: break
        }
    }

    private mutating func recordConnection(_ value: Range<Int>, in bytes: Span<UInt8>) {
        var list = HTTPListReader(value)
        while let option = list.next(in: bytes) {
            if bytes.matches(option, word: "close") { closes = true }
            if bytes.matches(option, word: "keep-alive") { keepsAlive = true }
        }
    }

    private mutating func recordKeepAlive(_ value: Range<Int>, in bytes: Span<UInt8>) {
        var list = HTTPListReader(value)
        while let parameter = list.next(in: bytes) {
            guard parameter.count > 8, bytes.matches(parameter.prefix(8), word: "timeout=") else { continue }
            guard let seconds = bytes.decimal(parameter.dropFirst(8)) else { continue }
            keepAliveTimeout = min(seconds, keepAliveTimeout ?? seconds)
        }
    }

    private mutating func recordCoding(_ value: Range<Int>, in bytes: Span<UInt8>) {
        guard case .none = coding else {
            coding = .faulty
            return
        }
        var codings = 0
        var chunkedCodings = 0
        var endsChunked = false
        var list = HTTPListReader(value)
        while let name = list.next(in: bytes) {
            codings += 1
            endsChunked = bytes.matches(name, word: "chunked")
            if endsChunked { chunkedCodings += 1 }
        }
        guard endsChunked, chunkedCodings == 1 else {
            coding = .faulty
            return
        }
        coding = codings == 1 ? .chunked : .unsupported
    }

    /// The framing that the fields ask for; `absent` where they name none.
    func framing(minorVersion: Int, absent: HTTPFraming) throws(HTTPParseError.Kind) -> HTTPFraming {
        switch coding {
        case .none: break
        case .faulty: throw .transferCoding
        case .unsupported: throw .unsupportedCoding
        case .chunked:
            guard lengthLines == 0 else { throw .lengthWithCoding }
            guard minorVersion > 0 else { throw .codingInOldVersion }
            return .chunked
        }
        guard lengthLines > 0 else { return absent }
        guard lengthLines == 1 else { throw .severalLengths }
        guard let length else { throw .contentLength }
        return .length(length)
    }
}

extension Range<Int> {
    fileprivate func prefix(_ count: Int) -> Range<Int> { lowerBound..<lowerBound + count }
    fileprivate func dropFirst(_ count: Int) -> Range<Int> { lowerBound + count..<upperBound }
}
