import HTTPCodec
import Testing

/// Responses as the parser reads them, whole and byte by byte.
@Suite struct ResponseParserTests {
    private func expect(
        _ text: String,
        _ expected: String,
        to methods: [HTTPMethod] = [.post],
        limits: HTTPLimits = HTTPLimits(),
        location: SourceLocation = #_sourceLocation
    ) {
        for sizes in [Reader.whole, Reader.single, [2, 3]] {
            let reading = Reader.responses(Array(text.utf8), to: methods, sizes: sizes, limits: limits)
            #expect(reading.description == expected, sourceLocation: location)
        }
    }

    @Test func readsAResponseWithALength() {
        expect(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello",
            "200 length(5) kept Content-Type=text/plain Content-Length=5; body hello; end"
        )
        expect("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200 length(0) kept Content-Length=0; end")
    }

    @Test func readsChunksAndDropsExtensionsAndTrailers() {
        expect(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n0A\r\n, world!!!\r\n0\r\nX: y\r\n\r\n",
            "200 chunked kept Transfer-Encoding=Chunked; body hello, world!!!; end"
        )
    }

    @Test func dropsInterimResponses() {
        expect(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
            "interim 100; interim 103; 204 none kept; end"
        )
    }

    @Test func readsUntilTheConnectionEndsWhereNoLengthIsNamed() {
        expect("HTTP/1.0 200 OK\r\n\r\nhello", "200 1.0 untilClose; body hello; endsBody")
        expect("HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\n", "200 untilClose Connection=keep-alive; endsBody")
    }
}
