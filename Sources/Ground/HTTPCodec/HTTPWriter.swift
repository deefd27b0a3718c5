/// Writes messages. What would be read as something else than was meant is refused before a byte is appended.
package enum HTTPWriter {
    /// Appends the head of a request.
    ///
    /// - Parameters:
    ///   - target: what stands in the first line: a path with its query, `host:port` for CONNECT.
    ///   - headers: all but `Content-Length` and `Transfer-Encoding`, which follow from the framing.
    ///   - framing: `.none`, `.length` or `.chunked`.
    package static func appendRequestHead(
        method: HTTPMethod,
        target: String,
        headers: HTTPHeaders,
        framing: HTTPFraming,
        to buffer: inout [UInt8]
    ) throws(HTTPWriteError) {
        let start = buffer.count
        do throws(HTTPWriteError) {
            guard !method.rawValue.isEmpty, method.rawValue.utf8.allSatisfy(HTTPCharacters.isToken) else {
                throw HTTPWriteError(kind: .method)
            }
            guard !target.isEmpty, target.utf8.allSatisfy(HTTPCharacters.isTarget) else {
                throw HTTPWriteError(kind: .target)
            }
            guard framing != .untilClose else { throw HTTPWriteError(kind: .framing) }
            append(method.rawValue, to: &buffer)
            buffer.append(HTTPCharacters.space)
            append(target, to: &buffer)
            append(" HTTP/1.1\r\n", to: &buffer)
            try append(headers, owned: ["content-length", "transfer-encoding"], to: &buffer)
            append(framing, to: &buffer)
            append("\r\n", to: &buffer)
        } catch {
            buffer.removeLast(buffer.count - start)
            throw error
        }
    }

    /// Appends the head of a response.
    ///
    /// - Parameters:
    ///   - method: that of the request.
    ///   - minorVersion: that of the request: HTTP/1.0 gets no chunks.
    ///   - headers: all but `Content-Length`, `Transfer-Encoding` and `Connection`, which follow from the other parameters.
    ///   - framing: `.none` for a 1xx, 204 and 304, a response to HEAD that names no length, and a tunnel; `.length` also
    ///     where HEAD keeps the body back.
    ///   - keepAlive: whether the connection is kept; not with `.untilClose`.
    package static func appendResponseHead(
        status: Int,
        answering method: HTTPMethod,
        minorVersion: Int,
        headers: HTTPHeaders,
        framing: HTTPFraming,
        keepAlive: Bool,
        to buffer: inout [UInt8]
    ) throws(HTTPWriteError) {
        let start = buffer.count
        do throws(HTTPWriteError) {
            guard (100...999).contains(status) else { throw HTTPWriteError(kind: .status) }
            guard allows(framing, status: status, method: method),
                framing != .chunked || minorVersion > 0,
                framing != .untilClose || !keepAlive
            else { throw HTTPWriteError(kind: .framing) }
            append("HTTP/1.1 ", to: &buffer)
            append(status, to: &buffer)
            buffer.append(HTTPCharacters.space)
            append(HTTPStatus.reason(status), to: &buffer)
            append("\r\n", to: &buffer)
            try append(headers, owned: ["content-length", "transfer-encoding", "connection"], to: &buffer)
            append(framing, to: &buffer)
            if status >= 200 {
                if !keepAlive { append("Connection: close\r\n", to: &buffer) }
                if keepAlive, minorVersion == 0 { append("Connection: keep-alive\r\n", to: &buffer) }
            }
            append("\r\n", to: &buffer)
        } catch {
            buffer.removeLast(buffer.count - start)
            throw error
        }
    }

    /// Whether a reader finds the end of such a response where the writer means it (RFC 9112, 6.3).
    private static func allows(_ framing: HTTPFraming, status: Int, method: HTTPMethod) -> Bool {
        if status < 200 || status == 204 || method == .connect && status < 300 { return framing == .none }
        if status == 304 { return framing != .chunked && framing != .untilClose }
        return framing != .none || method == .head
    }

    /// Appends one field of a head that the caller puts together himself.
    package static func appendField(
        _ name: String,
        _ value: String,
        to buffer: inout [UInt8]
    ) throws(HTTPWriteError) {
        guard !name.isEmpty, name.utf8.allSatisfy(HTTPCharacters.isToken) else {
            throw HTTPWriteError(kind: .fieldName)
        }
        guard value.utf8.allSatisfy(HTTPCharacters.isText) else {
            throw HTTPWriteError(kind: .fieldValue, field: name)
        }
        append(name, to: &buffer)
        append(": ", to: &buffer)
        append(value, to: &buffer)
        append("\r\n", to: &buffer)
    }

    /// Appends one chunk of a body; nothing where there are no bytes: that would end it.
    package static func appendChunk(_ bytes: some Collection<UInt8>, to buffer: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        append(String(bytes.count, radix: 16), to: &buffer)
        append("\r\n", to: &buffer)
        buffer.append(contentsOf: bytes)
        append("\r\n", to: &buffer)
    }

    /// Appends the end of a chunked body, without trailers.
    package static func appendLastChunk(to buffer: inout [UInt8]) {
        append("0\r\n\r\n", to: &buffer)
    }

    /// Appends a number in decimal digits, without a `String` for it.
    package static func append(_ number: Int, to buffer: inout [UInt8]) {
        if number < 0 { buffer.append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        var divisor: UInt = 1
        while rest / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            buffer.append(0x30 + UInt8(truncatingIfNeeded: rest / divisor))
            rest %= divisor
            divisor /= 10
        }
    }

    private static func append(_ text: String, to buffer: inout [UInt8]) {
        buffer.append(contentsOf: text.utf8)
    }

    private static func append(
        _ headers: HTTPHeaders,
        owned: [String],
        to buffer: inout [UInt8]
    ) throws(HTTPWriteError) {
        for line in headers.lines {
            let bytes = headers.bytes.span
            guard !line.name.isEmpty else { throw HTTPWriteError(kind: .fieldName) }
            for place in line.name {
                guard HTTPCharacters.isToken(bytes[place]) else { throw HTTPWriteError(kind: .fieldName) }
            }
            guard bytes.isText(line.value) else {
                throw HTTPWriteError(kind: .fieldValue, field: bytes.text(line.name))
            }
            for name in owned {
                guard !bytes.matches(line.name, name) else { throw HTTPWriteError(kind: .ownedField, field: name) }
            }
            buffer.append(bytes, line.name)
            append(": ", to: &buffer)
            buffer.append(bytes, line.value)
            append("\r\n", to: &buffer)
        }
    }

    private static func append(_ framing: HTTPFraming, to buffer: inout [UInt8]) {
        switch framing {
        case .none, .untilClose: break
        case .length(let length):
            append("Content-Length: ", to: &buffer)
            append(length, to: &buffer)
            append("\r\n", to: &buffer)
        case .chunked: append("Transfer-Encoding: chunked\r\n", to: &buffer)
        }
    }
}

/// The reason why a message is not written; nothing of it was.
package struct HTTPWriteError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        case method, target, status, fieldName, fieldValue, ownedField, framing
    }

    package let kind: Kind
    /// The name of the field, where one is at fault.
    package let field: String?

    package init(kind: Kind, field: String? = nil) {
        self.kind = kind
        self.field = field
    }

    /// The fault, never with the value: that might be a secret.
    package var description: String {
        switch kind {
        case .method: "the method is not a token"
        case .target: "the target has a byte that is not visible ASCII, or a quotation mark, an angle bracket or #"
        case .status: "the status has not three digits"
        case .fieldName: "the name of a field is not a token"
        case .fieldValue: "the value of \(field ?? "a field") has a control character"
        case .ownedField: "\(field ?? "a field") follows from the framing and is not to be given beside it"
        case .framing: "this framing does not go with the status, the version or a kept connection"
        }
    }
}
