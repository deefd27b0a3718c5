import HTTPCodec
import Testing

@Suite struct HTTPWriterTests {
    private func request(
        _ method: HTTPMethod = .post,
        _ target: String = "/",
        _ headers: HTTPHeaders = [:],
        _ framing: HTTPFraming = .none
    ) throws(HTTPWriteError) -> String {
        var buffer = Array("before".utf8)
        do throws(HTTPWriteError) {
            try HTTPWriter.appendRequestHead(
                method: method,
                target: target,
                headers: headers,
                framing: framing,
                to: &buffer
            )
        } catch {
            #expect(buffer == Array("before".utf8), "a byte of what is refused was written")
            throw error
        }
        return String(decoding: buffer.dropFirst(6), as: UTF8.self)
    }

    private func response(
        _ status: Int,
        _ headers: HTTPHeaders = [:],
        _ framing: HTTPFraming = .length(0),
        to method: HTTPMethod = .get,
        minorVersion: Int = 1,
        keepAlive: Bool = true
    ) throws(HTTPWriteError) -> String {
        var buffer = Array("before".utf8)
        do throws(HTTPWriteError) {
            try HTTPWriter.appendResponseHead(
                status: status,
                answering: method,
                minorVersion: minorVersion,
                headers: headers,
                framing: framing,
                keepAlive: keepAlive,
                to: &buffer
            )
        } catch {
            #expect(buffer == Array("before".utf8), "a byte of what is refused was written")
            throw error
        }
        return String(decoding: buffer.dropFirst(6), as: UTF8.self)
    }

    @Test func writesRequests() throws {
        #expect(
            try request(.post, "/a?b", ["Host": "h", "X": ""], .length(12))
                == "POST /a?b HTTP/1.1\r\nHost: h\r\nX: \r\nContent-Length: 12\r\n\r\n"
        )
        #expect(try request(.get, "/", ["Host": "h"]) == "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try request(.put, "/", [:], .chunked) == "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        #expect(try request(.connect, "h:443") == "CONNECT h:443 HTTP/1.1\r\n\r\n")
    }

    @Test func writesResponses() throws {
        #expect(try response(200, ["A": "ä"]) == "HTTP/1.1 200 OK\r\nA: ä\r\nContent-Length: 0\r\n\r\n")
        #expect(try response(204, [:], .none) == "HTTP/1.1 204 No Content\r\n\r\n")
        #expect(try response(100, [:], .none, keepAlive: false) == "HTTP/1.1 100 Continue\r\n\r\n")
        #expect(
            try response(799, keepAlive: false) == "HTTP/1.1 799 \r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        #expect(
            try response(200, [:], .chunked) == "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        #expect(
            try response(200, minorVersion: 0)
                == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n"
        )
        #expect(
            try response(200, [:], .untilClose, minorVersion: 0, keepAlive: false)
                == "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
        )
    }

    @Test(arguments: ["a\r\nb: c", "a\rb", "a\nb", "a\u{0}b", "\u{7F}", "\u{1B}[31m", "0123456789\u{1}abcdefgh"])
    func refusesControlCharactersInValues(value: String) {
        let error = #expect(throws: HTTPWriteError.self) { try request(.post, "/", ["A": "b", "Token": value]) }
        #expect(error?.description == "the value of Token has a control character")
        #expect(throws: HTTPWriteError(kind: .fieldValue, field: "A")) { try response(200, ["A": value]) }
        var buffer: [UInt8] = []
        #expect(throws: HTTPWriteError.self) { try HTTPWriter.appendField("A", value, to: &buffer) }
        #expect(buffer.isEmpty)
    }

    @Test(arguments: ["", " ", "a b", "a:", "a\r\nb", "ä", "a\u{0}"])
    func refusesNamesThatAreNoTokens(name: String) {
        #expect(throws: HTTPWriteError(kind: .fieldName)) { try request(.post, "/", [name: "b"]) }
        #expect(throws: HTTPWriteError(kind: .fieldName)) { try response(200, [name: "b"]) }
        #expect(throws: HTTPWriteError(kind: .method)) { try request(HTTPMethod(rawValue: name)) }
        var buffer: [UInt8] = []
        #expect(throws: HTTPWriteError.self) { try HTTPWriter.appendField(name, "b", to: &buffer) }
    }

    @Test(arguments: ["", "/ ", "/ HTTP/1.1\r\nA: b", "/\n", "/ä", "/#", "/\u{0}"])
    func refusesTargets(target: String) {
        #expect(throws: HTTPWriteError(kind: .target)) { try request(.get, target) }
    }

    @Test func refusesFieldsThatFollowFromTheFraming() {
        for name in ["content-length", "TRANSFER-ENCODING"] {
            #expect(throws: HTTPWriteError.self) { try request(.post, "/", [name: "1"]) }
            #expect(throws: HTTPWriteError.self) { try response(200, [name: "1"]) }
        }
        #expect(throws: HTTPWriteError.self) { try response(200, ["Connection": "close"]) }
    }

    @Test func refusesAFramingThatAReaderWouldNotFind() {
        #expect(throws: HTTPWriteError(kind: .framing)) { try request(.post, "/", [:], .untilClose) }
        #expect(throws: HTTPWriteError(kind: .framing)) { try response(200, [:], .chunked, minorVersion: 0) }
        #expect(throws: HTTPWriteError(kind: .framing)) { try response(200, [:], .untilClose) }
        #expect(throws: HTTPWriteError(kind: .framing)) { try response(200, [:], .none) }
        #expect(throws: HTTPWriteError(kind: .framing)) { try response(204, [:], .length(0)) }
        #expect(throws: HTTPWriteError(kind: .framing)) { try response(100, [:], .length(0)) }
        #expect(throws: HTTPWriteError(kind: .framing)) { try response(304, [:], .chunked) }
        #expect(throws: HTTPWriteError(kind: .framing)) { try response(200, [:], .length(0), to: .connect) }
        #expect(throws: HTTPWriteError(kind: .status)) { try response(99) }
        #expect(throws: Never.self) { try response(200, [:], .none, to: .head) }
        #expect(throws: Never.self) { try response(304, [:], .length(5)) }
    }

    @Test func writesChunks() {
        var buffer: [UInt8] = []
        HTTPWriter.appendChunk([UInt8](repeating: 0x61, count: 17), to: &buffer)
        HTTPWriter.appendChunk([UInt8](), to: &buffer)
        HTTPWriter.appendLastChunk(to: &buffer)
        #expect(String(decoding: buffer, as: UTF8.self) == "11\r\naaaaaaaaaaaaaaaaa\r\n0\r\n\r\n")
    }

    @Test(arguments: [0, 7, 10, 65_536, Int.max, -12, Int.min])
    func writesNumbers(number: Int) {
        var buffer: [UInt8] = []
        HTTPWriter.append(number, to: &buffer)
        #expect(String(decoding: buffer, as: UTF8.self) == "\(number)")
    }
}
