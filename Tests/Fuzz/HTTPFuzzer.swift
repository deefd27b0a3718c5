// Compiled together with the sources of HTTPCodec into one module: see README.md.

/// What libFuzzer calls with every input: the bytes as responses, as requests and as a path.
///
/// Ends the process where whole bytes and pieces mean something else, or where something is accepted that a strict reader
/// must refuse; libFuzzer then keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    for limits in [HTTPLimits(), FuzzTarget.smallLimits] {
        FuzzTarget.check(bytes) { pieces in FuzzTarget.readRequests(pieces, limits) }
        for method in [HTTPMethod.get, .head, .connect] {
            FuzzTarget.check(bytes) { pieces in FuzzTarget.readResponses(pieces, method, limits) }
        }
    }
    FuzzTarget.checkPath(bytes)
    return 0
}

/// What a parser said about some bytes.
private enum Finding: Equatable {
    case head(first: String, framing: HTTPFraming, keepAlive: Bool, headers: HTTPHeaders)
    case interim(Int)
    case body([UInt8])
    case end
    case error(HTTPParseError)
    case connectionEnd(HTTPConnectionEnd)
}

private struct Transcript: Equatable {
    var findings: [Finding] = []
    /// The bytes read before each head was whole, counted over all pieces.
    var headEnds: [Int] = []

    mutating func append(body bytes: ArraySlice<UInt8>) {
        guard case .body(let before) = findings.last else { return findings.append(.body(Array(bytes))) }
        findings[findings.count - 1] = .body(before + bytes)
    }
}

enum FuzzTarget {
    static let smallLimits = {
        var limits = HTTPLimits()
        limits.headBytes = 120
        limits.requestLineBytes = 40
        limits.fieldCount = 4
        limits.interimResponses = 1
        limits.bodyBytes = 30
        limits.chunkExtensionBytes = 6
        return limits
    }()

    /// The same bytes whole, one by one and in pieces whose sizes follow from the bytes.
    fileprivate static func check(_ bytes: [UInt8], _ read: ([ArraySlice<UInt8>]) -> Transcript) {
        let whole = read([bytes[...]])
        precondition(read(bytes.indices.map { bytes[$0...$0] }) == whole, "single bytes mean something else")
        var state = bytes.reduce(UInt64(bytes.count)) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        var pieces: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            pieces.append(rest.prefix(1 + Int(state >> 33) % 40))
            rest = rest.dropFirst(pieces[pieces.count - 1].count)
        }
        precondition(read(pieces) == whole, "pieces mean something else")
        checkFraming(whole)
        checkHeads(bytes, whole)
    }

    fileprivate static func readRequests(_ pieces: [ArraySlice<UInt8>], _ limits: HTTPLimits) -> Transcript {
        var transcript = Transcript()
        var parser = RequestParser(limits: limits)
        var total = 0
        do {
            for piece in pieces {
                let bytes = Array(piece)
                var position = 0
                reading: while true {
                    switch try parser.next(in: bytes.span, at: &position) {
                    case .needMore: break reading
                    case .interim: preconditionFailure("a request is never interim")
                    case .head:
                        transcript.headEnds.append(total + position)
                        transcript.findings.append(finding(parser.head))
                    case .body(let range): transcript.append(body: bytes[range])
                    case .end: transcript.findings.append(.end)
                    }
                }
                precondition(position == bytes.count, "bytes are left where more are asked for")
                total += position
            }
            transcript.findings.append(.connectionEnd(parser.endOfConnection()))
        } catch {
            transcript.findings.append(.error(error))
        }
        return transcript
    }

    fileprivate static func readResponses(
        _ pieces: [ArraySlice<UInt8>],
        _ method: HTTPMethod,
        _ limits: HTTPLimits
    ) -> Transcript {
        var transcript = Transcript()
        var parser = ResponseParser(limits: limits)
        parser.begin(answering: method)
        var total = 0
        do {
            for piece in pieces {
                let bytes = Array(piece)
                var position = 0
                reading: while true {
                    switch try parser.next(in: bytes.span, at: &position) {
                    case .needMore: break reading
                    case .interim(let status): transcript.findings.append(.interim(status))
                    case .head:
                        transcript.headEnds.append(total + position)
                        transcript.findings.append(finding(parser.head))
                    case .body(let range): transcript.append(body: bytes[range])
                    case .end:
                        transcript.findings.append(.end)
                        // Behind a tunnel's head and a last response come bytes of somebody else.
                        if parser.head.keepAlive { parser.begin(answering: method) }
                    }
                }
                precondition(position == bytes.count, "bytes are left where more are asked for")
                total += position
            }
            transcript.findings.append(.connectionEnd(parser.endOfConnection()))
        } catch {
            transcript.findings.append(.error(error))
        }
        return transcript
    }

    private static func finding(_ head: HTTPRequestHead) -> Finding {
        let target = head.target
        let first = "\(head.method) \(target) \(head.minorVersion) \(head.authority ?? "-") \(head.expectsContinue)"
        checkRewriting(head)
        return .head(first: first, framing: head.framing, keepAlive: head.keepAlive, headers: head.headers)
    }

    private static func finding(_ head: HTTPResponseHead) -> Finding {
        let first = "\(head.status) \(head.minorVersion) \(head.keepAliveTimeout ?? -1)"
        return .head(first: first, framing: head.framing, keepAlive: head.keepAlive, headers: head.headers)
    }

    /// What was accepted can be written, and is read again as the same.
    private static func checkRewriting(_ head: HTTPRequestHead) {
        guard head.minorVersion > 0, head.target.form == .origin else { return }
        var headers = head.headers
        headers.remove("content-length")
        headers.remove("transfer-encoding")
        let target = head.target.path + (head.target.query.map { "?" + $0 } ?? "")
        var buffer: [UInt8] = []
        do {
            try HTTPWriter.appendRequestHead(
                method: head.method,
                target: target,
                headers: headers,
                framing: head.framing,
                to: &buffer
            )
            var parser = RequestParser(limits: roomyLimits)
            var position = 0
            let event = try parser.next(in: buffer.span, at: &position)
            precondition(event == .head && position == buffer.count, "a written head is not read as one")
            var again = parser.head.headers
            again.remove("content-length")
            again.remove("transfer-encoding")
            precondition(again == headers && parser.head.framing == head.framing && parser.head.target == head.target)
            precondition(parser.head.keepAlive == head.keepAlive && parser.head.authority == head.authority)
        } catch {
            fatalError("an accepted head is refused when it is written or read again: \(error)")
        }
    }

    private static let roomyLimits = {
        var limits = HTTPLimits()
        limits.headBytes *= 2
        limits.requestLineBytes *= 2
        limits.fieldCount += 1
        return limits
    }()

    /// A whole body is as long as its head says; nothing follows an error.
    private static func checkFraming(_ transcript: Transcript) {
        var framing: HTTPFraming?
        var body = 0
        for (place, finding) in transcript.findings.enumerated() {
            switch finding {
            case .head(_, let found, _, _):
                precondition(framing == nil, "a head within a message")
                framing = found
                body = 0
            case .body(let bytes): body = bytes.count
            case .end:
                if case .length(let length) = framing { precondition(body == length, "a body of another length") }
                if framing == HTTPFraming.none { precondition(body == 0, "a body where none is allowed") }
                precondition(framing != .untilClose, "an end that only the connection can bring")
                framing = nil
            case .error, .connectionEnd: precondition(place == transcript.findings.count - 1)
            case .interim: precondition(framing == nil, "an interim response within a message")
            }
        }
    }

    /// Checks accepted heads by rules that are written down a second time, without the codec.
    private static func checkHeads(_ bytes: [UInt8], _ transcript: Transcript) {
        var heads = transcript.findings.compactMap { finding -> (HTTPFraming, HTTPHeaders)? in
            if case .head(_, let framing, _, let headers) = finding { (framing, headers) } else { nil }
        }[...]
        for end in transcript.headEnds {
            guard let (framing, headers) = heads.popFirst() else { preconditionFailure("an end without a head") }
            precondition(bytes[..<end].suffix(4) == [13, 10, 13, 10], "a head without its blank line")
            // Back to the blank line before, or to the beginning: the field lines and the end of the first line.
            var start = end - 4
            while start > 0, !(start >= 4 && bytes[start - 4..<start] == [13, 10, 13, 10]) { start -= 1 }
            check(head: bytes[start..<end - 2], framing, headers)
        }
    }

    private static func check(head: ArraySlice<UInt8>, _ framing: HTTPFraming, _ headers: HTTPHeaders) {
        var lengths = 0
        var codings = 0
        for line in head.split(separator: 10).suffix(headers.count) {
            precondition(line.last == 13, "a bare line feed in an accepted head")
            precondition(line.dropLast().allSatisfy { $0 >= 32 && $0 != 127 || $0 == 9 }, "a control character")
            let name = line.prefix { $0 != 58 }
            precondition(!name.isEmpty && !name.contains(32) && !name.contains(9), "a name with white space")
            switch String(decoding: name, as: UTF8.self).lowercased() {
            case "content-length": lengths += 1
            case "transfer-encoding": codings += 1
            default: break
            }
        }
        switch framing {
        case .none, .untilClose: break
        case .length: precondition(lengths == 1 && codings == 0, "a length out of a doubtful head")
        case .chunked: precondition(lengths == 0 && codings == 1, "chunks out of a doubtful head")
        }
    }

    /// A decoded path, escaped anew, is decoded to the same; none has a NUL or a segment that leads upwards.
    static func checkPath(_ bytes: [UInt8]) {
        let path = String(decoding: bytes, as: UTF8.self)
        guard let decoded = try? PercentEncoding.decodePath(path) else { return }
        precondition(!decoded.utf8.contains(0) && !decoded.split(separator: "/").contains(".."), "an unsafe path")
        let escaped = decoded.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        precondition((try? PercentEncoding.decodePath(escaped)) == decoded, "a path changes when it is escaped again")
    }
}
