import Foundation
import HTTP
import HTTPCodec
import Testing

extension ClientTests {
    /// What a server may send, and what it is worth.
    @Suite("Connection pool: framing of answers", .timeLimit(.minutes(1))) struct AnswerFramingTests {
        struct Row: Sendable, CustomTestStringConvertible {
            var name: String
            var sent: String
            /// Whether the server ends the connection behind it.
            var closes = false
            var isHead = false
            var expected: Expected

            var testDescription: String { name }
        }

        enum Expected: Sendable {
            /// The connection then carries another call.
            case answered(Int, String)
            /// The connection is closed.
            case answeredAtLast(Int, String)
            case unknown(status: Int?)
        }

        private static let ok = answer(body: "ok")

        private static let answered: [Row] = [
            Row(name: "nothing special", sent: ok, expected: .answered(200, "ok")),
            Row(name: "100 unasked", sent: "HTTP/1.1 100 Continue\r\n\r\n" + ok, expected: .answered(200, "ok")),
            Row(
                name: "several 103",
                sent: String(repeating: "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", count: 8) + ok,
                expected: .answered(200, "ok")
            ),
            Row(name: "204", sent: "HTTP/1.1 204 No Content\r\n\r\n", expected: .answered(204, "")),
            Row(
                name: "304 with a length",
                sent: "HTTP/1.1 304 Not Modified\r\nContent-Length: 50\r\n\r\n",
                expected: .answered(304, "")
            ),
            Row(
                name: "HEAD with a length",
                sent: "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n",
                isHead: true,
                expected: .answered(200, "")
            ),
            Row(
                name: "HEAD with chunks announced",
                sent: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                isHead: true,
                expected: .answered(200, "")
            ),
            Row(
                name: "chunks with extension and trailer",
                sent:
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n",
                expected: .answered(200, "abcde")
            ),
            Row(name: "no body", sent: answer("429 Too Many Requests"), expected: .answered(429, "")),
            Row(
                name: "HTTP/1.0 kept alive",
                sent: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
                expected: .answered(200, "ok")
            ),
        ]

        private static let answeredAtLast: [Row] = [
            Row(
                name: "HTTP/1.0",
                sent: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
                expected: .answeredAtLast(200, "ok")
            ),
            Row(
                name: "the close ends the body",
                sent: "HTTP/1.1 200 OK\r\n\r\nthe body",
                closes: true,
                expected: .answeredAtLast(200, "the body")
            ),
            Row(
                name: "two answers in one segment",
                sent: ok + answer(body: "second"),
                expected: .answeredAtLast(200, "ok")
            ),
            Row(name: "a stray byte", sent: ok + "\n", expected: .answeredAtLast(200, "ok")),
            Row(
                name: "204 with a chunk",
                sent: "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                expected: .answeredAtLast(204, "")
            ),
            Row(
                name: "a body behind the answer to HEAD",
                sent: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
                isHead: true,
                expected: .answeredAtLast(200, "")
            ),
            Row(
                name: "hint of one second",
                sent: answer(headers: ["Keep-Alive: timeout=1"], body: "ok"),
                expected: .answeredAtLast(200, "ok")
            ),
        ]

        private static let closing: [Row] = [
            ["Connection: close"], ["Connection: Close"], ["Connection: keep-alive, close"],
            ["Connection: close", "Connection: keep-alive"], ["connection: keep-alive", "connection: CLOSE"],
        ].flatMap { headers in
            [200, 400, 408, 503].map { status in
                Row(
                    name: "\(status) \(headers)",
                    sent: answer("\(status) X", headers: headers, body: "ok"),
                    expected: .answeredAtLast(status, "ok")
                )
            }
        }

        private static let broken: [Row] = [
            Row(name: "nothing", sent: "", closes: true, expected: .unknown(status: nil)),
            Row(
                name: "half a head",
                sent: "HTTP/1.1 200 OK\r\nContent-Le",
                closes: true,
                expected: .unknown(status: 200)
            ),
            Row(name: "101 unasked", sent: "HTTP/1.1 101 Switching Protocols\r\n\r\n", expected: .unknown(status: nil)),
            Row(name: "only 100", sent: "HTTP/1.1 100 Continue\r\n\r\n", closes: true, expected: .unknown(status: nil)),
            Row(name: "not HTTP", sent: "220 smtp.example.com ESMTP\r\n", expected: .unknown(status: nil)),
            Row(name: "HTTP/2", sent: "HTTP/2 200 OK\r\n\r\n", expected: .unknown(status: nil)),
            Row(
                name: "half a body",
                sent: "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 100\r\n\r\nabc",
                closes: true,
                expected: .unknown(status: 429)
            ),
            Row(
                name: "the end within a chunk",
                sent: "HTTP/1.1 429 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
                closes: true,
                expected: .unknown(status: 429)
            ),
            Row(
                name: "the end at a chunk's border",
                sent: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
                closes: true,
                expected: .unknown(status: 200)
            ),
            Row(
                name: "the end before the last line",
                sent: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n",
                closes: true,
                expected: .unknown(status: 200)
            ),
            Row(
                name: "endless 1xx",
                sent: String(repeating: "HTTP/1.1 103 Early Hints\r\n\r\n", count: 2_000),
                expected: .unknown(status: nil)
            ),
            Row(
                name: "endless head",
                sent: "HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 100_000),
                expected: .unknown(status: 200)
            ),
            Row(
                name: "endless fields",
                sent: "HTTP/1.1 200 OK\r\n" + String(repeating: "X: y\r\n", count: 5_000),
                expected: .unknown(status: 200)
            ),
            Row(
                name: "endless trailers",
                sent: "HTTP/1.1 429 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
                    + String(repeating: "X: y\r\n", count: 5_000),
                expected: .unknown(status: 429)
            ),
            Row(
                name: "endless chunk extensions",
                sent: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + String(repeating: "1;xxxxxxxxxxxxxxxxxxxxxxxxx\r\na\r\n", count: 1_000),
                expected: .unknown(status: 200)
            ),
            Row(
                name: "a chunk size that overflows",
                sent: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc",
                expected: .unknown(status: 200)
            ),
            Row(
                name: "a bare line feed behind a chunk size",
                sent: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n",
                expected: .unknown(status: 200)
            ),
            Row(
                name: "too long by its length",
                sent: "HTTP/1.1 429 X\r\nContent-Length: 65537\r\n\r\n" + String(repeating: "x", count: 65_537),
                expected: .unknown(status: 429)
            ),
            Row(
                name: "far too long by its length",
                sent: "HTTP/1.1 429 X\r\nContent-Length: 300000\r\n\r\n",
                expected: .unknown(status: 429)
            ),
            Row(
                name: "too long by its chunks",
                sent: "HTTP/1.1 429 X\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + String(repeating: "3e8\r\n" + String(repeating: "x", count: 1_000) + "\r\n", count: 70),
                expected: .unknown(status: 429)
            ),
            Row(
                name: "too long until the close",
                sent: "HTTP/1.1 429 X\r\n\r\n" + String(repeating: "x", count: 70_000),
                closes: true,
                expected: .unknown(status: 429)
            ),
        ]

        private static let lengths: [Row] = [
            ["Content-Length: 2", "Content-Length: 3"], ["Content-Length: 2, 2"], ["Content-Length: +2"],
            ["Content-Length: 2 2"], ["Content-Length:"], ["Content-Length: 0x2"], ["Content-Length: -2"],
            ["Content-Length: 000000000000000000000000000002"],
            ["Content-Length: 999999999999999999999999999999"], ["Content-Length: 2", "Transfer-Encoding: chunked"],
            ["Transfer-Encoding: gzip"], ["Transfer-Encoding: chunked, gzip"], ["Transfer-Encoding: chunked, chunked"],
            ["Content-Length : 2"], [" Content-Length: 2"],
        ].map { headers in
            Row(
                name: "\(headers)",
                sent: "HTTP/1.1 200 OK\r\n" + headers.joined(separator: "\r\n") + "\r\n\r\nok",
                expected: .unknown(status: 200)
            )
        }

        @Test(arguments: answered + answeredAtLast + closing + broken + lengths)
        func isReadAsTheProtocolSays(row: Row) async throws {
            let server = try RawServer { connection in
                while connection.readRequest() != nil {
                    guard connection.index == 0, connection.requestCount == 1 else {
                        connection.write(answer(body: "next"))
                        continue
                    }
                    connection.write(row.sent)
                    if row.closes { return }
                }
            }
            try await TestPool.with(server.url) { pool in
                let verdict = await pool.call(options: { $0.isHead = row.isHead })
                let next = await pool.call("next")
                #expect(next.text == "next", "the next call is answered with what is its own")
                let connections = server.connections
                switch row.expected {
                case .answered(let status, let body):
                    #expect(verdict.status == status)
                    #expect(verdict.text == body)
                    #expect(connections == 1)
                case .answeredAtLast(let status, let body):
                    #expect(verdict.status == status)
                    #expect(verdict.text == body)
                    #expect(connections == 2)
                case .unknown(let status):
                    #expect(verdict.isUnknown)
                    #expect(verdict.failure?.status == status)
                    #expect(connections == 2)
                }
            }
        }

        @Test(arguments: answered + answeredAtLast + broken.filter { $0.sent.utf8.count < 300 })
        func isReadTheSameByteByByte(row: Row) async throws {
            // What follows an answer in a segment of its own finds nobody who waits for it.
            let server = try RawServer { connection in
                while connection.readRequest() != nil {
                    for byte in Array(row.sent.utf8) {
                        guard connection.write([byte]) else { return }
                        // Gives the reader a chance to see this byte alone.
                        sched_yield()
                    }
                    if row.closes { return }
                }
            }
            try await TestPool.with(server.url) { pool in
                let verdict = await pool.call(options: { $0.isHead = row.isHead })
                switch row.expected {
                case .answered(let status, let body), .answeredAtLast(let status, let body):
                    #expect(verdict.status == status)
                    #expect(verdict.text == body)
                case .unknown(let status):
                    #expect(verdict.isUnknown)
                    #expect(verdict.failure?.status == status)
                }
            }
        }

        @Test(arguments: ["gzip", "deflate", "raw"], [false, true])
        func compressionIsUndoneThoughNobodyAsked(coding: String, isChunked: Bool) async throws {
            let text = String(repeating: #"{"recipient_id":"5","message_id":"m_1"}"#, count: 40)
            let coded = Deflated.bytes(Array(text.utf8), as: coding)
            let name = coding == "raw" ? "deflate" : coding
            let server = try RawServer { connection in
                while connection.readRequest() != nil {
                    connection.write("HTTP/1.1 200 OK\r\nContent-Encoding: \(name)\r\n")
                    if isChunked {
                        connection.write("Transfer-Encoding: chunked\r\n\r\n")
                        for byte in coded { connection.write(Array("1\r\n".utf8) + [byte] + Array("\r\n".utf8)) }
                        connection.write("0\r\n\r\n")
                    } else {
                        connection.write(Array("Content-Length: \(coded.count)\r\n\r\n".utf8) + coded)
                    }
                }
            }
            try await TestPool.with(server.url) { pool in
                for _ in 0..<2 { #expect(await pool.call().text == text) }
                #expect(server.connections == 1)
            }
        }

        @Test func compressionThatInflatesWithoutEndIsNotRead() async throws {
            let bomb = Deflated.bytes([UInt8](repeating: 0, count: 10_000_000), as: "gzip")
            try await expectUnknown(429, sending: ["Content-Encoding: gzip"], bomb) {
                $0 == .answerTooLong(65_536)
            }
        }

        @Test func compressionThatIsBrokenLeavesTheStatus() async throws {
            try await expectUnknown(500, sending: ["Content-Encoding: gzip"], Array("not gzip".utf8)) { $0 == .coding }
            let cut = Array(Deflated.bytes(Array("some text".utf8), as: "gzip").dropLast(3))
            try await expectUnknown(500, sending: ["Content-Encoding: gzip"], cut) { $0 == .coding }
            let codings = ["Content-Encoding: gzip, gzip", "Content-Encoding: gzip"]
            try await expectUnknown(500, sending: codings, cut) { $0 == .coding }
        }

        private func expectUnknown(
            _ status: Int,
            sending headers: [String],
            _ body: [UInt8],
            kind isExpected: (HTTPCallFailure.Kind) -> Bool
        ) async throws {
            let lines = headers.joined(separator: "\r\n")
            let server = try RawServer { connection in
                guard connection.readRequest() != nil else { return }
                connection.write("HTTP/1.1 \(status) X\r\nContent-Length: \(body.count)\r\n\(lines)\r\n\r\n")
                connection.write(body)
                _ = connection.endsInOrder()
            }
            try await TestPool.with(server.url) { pool in
                let verdict = await pool.call()
                #expect(verdict.isUnknown)
                #expect(verdict.failure?.status == status)
                #expect(verdict.kind.map(isExpected) == true)
            }
        }

        @Test func anAnswerOfExactlyTheLimitIsRead() async throws {
            let body = String(repeating: "x", count: 65_536)
            let server = try RawServer { connection in
                while connection.readRequest() != nil { connection.write(answer(body: body)) }
            }
            try await TestPool.with(server.url) { pool in
                #expect(await pool.call().text == body)
            }
        }
    }
}
