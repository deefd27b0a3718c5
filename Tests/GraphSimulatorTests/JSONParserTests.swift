import Testing

@testable import GraphSimulator

@Suite struct JSONParserTests {
    @Test(arguments: [
        #"{"a":[1,-2,3.5,true,false,null,"x"],"b":{}}"#, "[]", #""\u0001""#, "0", #"{"é":"😀\n\"\\"}"#,
    ])
    func `writes what it read`(text: String) throws {
        let value = try JSONParser.parse(Array(text.utf8))
        #expect(String(decoding: value.encoded, as: UTF8.self) == text)
    }

    @Test func `reads escapes and surrogate pairs`() throws {
        let value = try JSONParser.parse(Array(#""\ud83d\ude00\u00e9\/\t""#.utf8))
        #expect(value == .string("😀é/\t"))
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\"}", "{\"a\":1,\"a\":2}", "01", "1.", "-", "nul", "\"a", "\"\\x\"", "\"\\ud800\"", "1 2",
        "\"\u{01}\"", "1e999", String(repeating: "[", count: 100_000),
    ])
    func `refuses what is not JSON`(text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(Array(text.utf8)) }
    }

    @Test func `refuses invalid UTF-8`() {
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse([0x22, 0xFF, 0x22]) }
    }
}
