import HTTPCodec

/// What a parser made of some bytes, in words: one for each head, body (its pieces put together), end and error.
struct Reading: Equatable, CustomStringConvertible {
    var events: [String] = []
    var error: HTTPParseError?
    /// The bytes left behind the last message.
    var left = 0
    private var body: [UInt8]?

    var description: String {
        (events + (error.map { ["error \($0.kind)"] } ?? []) + (left > 0 ? ["left \(left)"] : []))
            .joined(separator: "; ")
    }

    mutating func append(_ event: String) {
        flushBody()
        events.append(event)
    }

    mutating func append(body bytes: ArraySlice<UInt8>) {
        body = (body ?? []) + bytes
    }

    mutating func flushBody() {
        guard let bytes = body else { return }
        body = nil
        events.append("body " + String(decoding: bytes, as: UTF8.self))
    }
}

/// Feeds parsers with bytes in pieces of the given sizes (used again and again) and records what they say.
enum Reader {
    static let whole = [Int.max]
    static let single = [1]

    private static func pieces(of bytes: [UInt8], sizes: [Int]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var start = 0
        var turn = 0
        while start < bytes.count {
            let size = min(sizes[turn % sizes.count], bytes.count - start)
            pieces.append(Array(bytes[start..<start + size]))
            start += size
            turn += 1
        }
        return pieces
    }

    /// Reads as many responses as there are methods; the bytes behind them are counted.
    static func responses(
        _ bytes: [UInt8],
        to methods: [HTTPMethod] = [.post],
        sizes: [Int] = whole,
        limits: HTTPLimits = HTTPLimits(),
        closes: Bool = true
    ) -> Reading {
        var reading = Reading()
        var parser = ResponseParser(limits: limits)
        var methods = methods[...]
        parser.begin(answering: methods.removeFirst())
        var isDone = false
        do throws(HTTPParseError) {
            for piece in pieces(of: bytes, sizes: sizes) {
                var position = 0
                reading: while !isDone {
                    switch try parser.next(in: piece.span, at: &position) {
                    case .needMore:
                        precondition(position == piece.count, "bytes are left where more are asked for")
                        break reading
                    case .interim(let status): reading.append("interim \(status)")
                    case .head: reading.append(words(parser.head))
                    case .body(let range): reading.append(body: piece[range])
                    case .end:
                        reading.append("end")
                        if let method = methods.popFirst() {
                            parser.begin(answering: method)
                        } else {
                            isDone = true
                        }
                    }
                }
                reading.left += piece.count - position
            }
        } catch {
            reading.error = error
        }
        reading.flushBody()
        if closes, reading.error == nil {
            let end = parser.endOfConnection()
            if end != .betweenMessages { reading.append("\(end)") }
        }
        return reading
    }

    static func requests(
        _ bytes: [UInt8],
        sizes: [Int] = whole,
        limits: HTTPLimits = HTTPLimits(),
        closes: Bool = true
    ) -> Reading {
        var reading = Reading()
        var parser = RequestParser(limits: limits)
        do throws(HTTPParseError) {
            for piece in pieces(of: bytes, sizes: sizes) {
                var position = 0
                reading: while true {
                    switch try parser.next(in: piece.span, at: &position) {
                    case .needMore:
                        precondition(position == piece.count, "bytes are left where more are asked for")
                        break reading
                    case .head: reading.append(words(parser.head))
                    case .body(let range): reading.append(body: piece[range])
                    case .end: reading.append("end")
                    case .interim: preconditionFailure("a request is never interim")
                    }
                }
            }
        } catch {
            reading.error = error
        }
        reading.flushBody()
        if closes, reading.error == nil {
            let end = parser.endOfConnection()
            if end != .betweenMessages { reading.append("\(end)") }
        }
        return reading
    }

    private static func words(_ head: HTTPResponseHead) -> String {
        var words = "\(head.status)"
        if head.minorVersion != 1 { words += " 1.\(head.minorVersion)" }
        words += " \(head.framing)"
        if head.keepAlive { words += " kept" }
        if let timeout = head.keepAliveTimeout { words += " \(timeout)s" }
        for field in head.headers { words += " \(field.name)=\(field.value)" }
        return words
    }

    private static func words(_ head: HTTPRequestHead) -> String {
        var words = "\(head.method) \(head.target.path)"
        if let query = head.target.query { words += "?\(query)" }
        if let authority = head.authority { words += " @\(authority)" }
        if head.minorVersion != 1 { words += " 1.\(head.minorVersion)" }
        words += " \(head.framing)"
        if head.keepAlive { words += " kept" }
        if head.expectsContinue { words += " expects" }
        for field in head.headers where field.name.lowercased() != "host" { words += " \(field.name)=\(field.value)" }
        return words
    }
}
