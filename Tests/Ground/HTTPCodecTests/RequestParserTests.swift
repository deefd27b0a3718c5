import HTTPCodec
import Testing

/// Requests as the parser reads them, whole and byte by byte.
@Suite struct RequestParserTests {
    private func expect(
        _ text: String,
        _ expected: String,
        limits: HTTPLimits = HTTPLimits(),
        location: SourceLocation = #_sourceLocation
    ) {
        for sizes in [Reader.whole, Reader.single, [2, 3]] {
            let reading = Reader.requests(Array(text.utf8), sizes: sizes, limits: limits)
            #expect(reading.description == expected, sourceLocation: location)
        }
    }

    @Test func readsPipelinedRequests() {
        expect(
            "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /b?c=d HTTP/1.1\r\nhost: h:80\r\n\r\n",
            "POST /a @h length(3) kept Content-Length=3; body abc; end; GET /b?c=d @h:80 none kept; end"
        )
    }
}
