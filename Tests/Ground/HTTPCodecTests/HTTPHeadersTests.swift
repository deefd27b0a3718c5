import HTTPCodec
import Testing

@Suite struct HTTPHeadersTests {
    @Test func keepsItsFieldsInOrderAndFindsThemInAnyCase() {
        var headers: HTTPHeaders = ["Accept": "a", "X-One": "1"]
        headers.add("x-one", "2")
        #expect(headers.count == 3)
        #expect(headers.first("X-ONE") == "1")
        #expect(headers.all("x-One") == ["1", "2"])
        #expect(headers.first("X-On") == nil)
        #expect(headers.map(\.name) == ["Accept", "X-One", "x-one"])
        #expect(headers.contains("ACCEPT"))
    }

    @Test func replacesAndRemovesAllFieldsOfAName() {
        var headers = HTTPHeaders([("A", "1"), ("B", "2"), ("a", "3")])
        headers.set("A", "4")
        #expect(headers == HTTPHeaders([("b", "2"), ("a", "4")]))
        headers.remove("b")
        #expect(headers == ["A": "4"])
        #expect(headers != ["A": "5"])
        headers.remove("a")
        #expect(headers.isEmpty)
    }

    @Test func doesNotTakeOtherBytesForLettersOfAnotherCase() {
        // `[` and `{`, `@` and the grave accent differ in the same bit as letters do.
        let headers: HTTPHeaders = ["^": "1", "`": "2"]
        #expect(headers.first("~") == nil)
        #expect(headers.first("@") == nil)
    }

    @Test func findsElementsOfLists() {
        let headers: HTTPHeaders = ["Content-Encoding": "br , GZIP", "content-encoding": "deflate"]
        #expect(headers.contains("content-encoding", listing: "gzip"))
        #expect(headers.contains("content-encoding", listing: "Deflate"))
        #expect(!headers.contains("content-encoding", listing: "zip"))
    }

    @Test func readsNumbers() {
        let headers: HTTPHeaders = ["A": "0012", "B": "-1", "C": "", "D": "1234567890123456789"]
        #expect(headers.number("a") == 12)
        for name in ["B", "C", "D", "E"] { #expect(headers.number(name) == nil) }
    }

    @Test func leavesACopyAsItWas() {
        var headers: HTTPHeaders = ["A": "1"]
        let copy = headers
        headers.set("A", "2")
        #expect(copy.first("A") == "1")
    }
}
