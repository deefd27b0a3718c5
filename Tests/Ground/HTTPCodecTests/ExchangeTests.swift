import HTTPCodec
import Testing

/// A client's side and a server's side joined in memory: what one writes, the other reads.
@Suite struct ExchangeTests {
    private struct Message: Equatable {
        var first: String
        var headers: HTTPHeaders
        var body: [UInt8] = []
        var keepAlive = true
    }

    private func headers(_ random: inout SeededGenerator) -> HTTPHeaders {
        var headers: HTTPHeaders = ["Host": "h"]
        while random.happens(2, in: 3) {
            headers.add(
                random.choose(["X-A", "x-a", "B!"]),
                random.choose(["", "1", "a\tb", "ä", String(repeating: "v", count: 99)])
            )
        }
        return headers
    }

    private func append(
        _ body: [UInt8],
        _ framing: HTTPFraming,
        to buffer: inout [UInt8],
        _ random: inout SeededGenerator
    ) {
        guard framing == .chunked else {
            buffer += body
            return
        }
        var rest = body[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(Int.random(in: 1...40, using: &random))
            HTTPWriter.appendChunk(chunk, to: &buffer)
            rest = rest.dropFirst(chunk.count)
        }
        HTTPWriter.appendLastChunk(to: &buffer)
    }

    /// Hands the bytes over in pieces, until the message is whole.
    private func deliver(
        _ bytes: [UInt8],
        _ random: inout SeededGenerator,
        next: (Span<UInt8>, inout Int) throws(HTTPParseError) -> HTTPEvent
    ) throws -> [UInt8]? {
        var body: [UInt8] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + Int.random(in: 1...60, using: &random))
            let piece = Array(bytes[start..<end])
            start = end
            var position = 0
            loop: while true {
                switch try next(piece.span, &position) {
                case .needMore: break loop
                case .body(let range): body += piece[range]
                case .end: return start == bytes.count && position == piece.count ? body : nil
                case .head, .interim: continue
                }
            }
        }
        return nil
    }

    /// Checks that this server's answer to a request of the method reaches the client as it was meant.
    private func answer(
        _ method: HTTPMethod,
        _ parser: inout ResponseParser,
        _ random: inout SeededGenerator
    ) throws {
        let status = random.choose([200, 201, 204, 304, 404, 503])
        let isBodiless = status == 204 || status == 304 || method == .head
        var framing = HTTPFraming.none
        var body: [UInt8] = []
        if !isBodiless {
            body = [UInt8](repeating: 0x0A, count: Int.random(in: 0...99, using: &random))
            framing = random.happens(1, in: 2) ? .chunked : .length(body.count)
        }
        let sent = Message(
            first: "\(status) \(framing)",
            headers: headers(&random),
            body: body,
            keepAlive: random.happens(3, in: 4)
        )
        var buffer: [UInt8] = []
        if random.happens(1, in: 4) {
            try HTTPWriter.appendResponseHead(
                status: 100,
                answering: method,
                minorVersion: 1,
                headers: [:],
                framing: .none,
                keepAlive: true,
                to: &buffer
            )
        }
        try HTTPWriter.appendResponseHead(
            status: status,
            answering: method,
            minorVersion: 1,
            headers: sent.headers,
            framing: framing,
            keepAlive: sent.keepAlive,
            to: &buffer
        )
        append(body, framing, to: &buffer, &random)
        parser.begin(answering: method)
        let received = try #require(
            try deliver(buffer, &random) { (bytes, position) throws(HTTPParseError) in
                try parser.next(in: bytes, at: &position)
            }
        )
        let head = parser.head
        var headers = head.headers
        for name in ["content-length", "transfer-encoding", "connection"] { headers.remove(name) }
        #expect(
            Message(
                first: "\(head.status) \(head.framing)",
                headers: headers,
                body: received,
                keepAlive: head.keepAlive
            ) == sent
        )
    }

    @Test func readsWhatTheOtherSideWrote() throws {
        for seed in 1...100 as ClosedRange<UInt64> {
            var random = SeededGenerator(seed)
            var server = RequestParser()
            var client = ResponseParser()
            for _ in 0..<10 {
                let method = random.choose([HTTPMethod.get, .post, .head, .delete])
                let body =
                    method == .post ? [UInt8](repeating: 0x0D, count: Int.random(in: 0...99, using: &random)) : []
                let framing: HTTPFraming =
                    method != .post ? .none : random.happens(1, in: 2) ? .chunked : .length(body.count)
                let sent = Message(first: "\(method) /a?b \(framing)", headers: headers(&random), body: body)
                var buffer: [UInt8] = []
                try HTTPWriter.appendRequestHead(
                    method: method,
                    target: "/a?b",
                    headers: sent.headers,
                    framing: framing,
                    to: &buffer
                )
                append(body, framing, to: &buffer, &random)
                let received = try #require(
                    try deliver(buffer, &random) { (bytes, position) throws(HTTPParseError) in
                        try server.next(in: bytes, at: &position)
                    }
                )
                let head = server.head
                var headers = head.headers
                headers.remove("content-length")
                headers.remove("transfer-encoding")
                let first = "\(head.method) \(head.target.path)?\(head.target.query ?? "") \(head.framing)"
                #expect(Message(first: first, headers: headers, body: received, keepAlive: head.keepAlive) == sent)
                try answer(method, &client, &random)
            }
        }
    }
}
