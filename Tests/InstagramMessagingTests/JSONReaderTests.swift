import Testing

@testable import InstagramMessaging

@Suite struct JSONReaderTests {
    private func failure(_ bytes: [UInt8]) -> JSONError? {
        do throws(JSONError) {
            _ = try JSONReader.read(bytes)
            return nil
        } catch {
            return error
        }
    }

    private func failure(_ text: String) -> JSONError? { failure(Array(text.utf8)) }

    @Test func aValueKnowsItsBytesAndItsNumberText() throws {
        let text = #" { "a" : [ 1.50e3 , -0 ] , "\u0062":{ "c":"\ud83d\ude00é" } } "#
        let bytes = Array(text.utf8)
        let value = try JSONReader.read(bytes)
        #expect(value.members?.map(\.name) == ["a", "b"])
        #expect(String(decoding: bytes[value["a"]!.range], as: UTF8.self) == "[ 1.50e3 , -0 ]")
        #expect(value["a"]?.array?.map(\.content) == [.number("1.50e3"), .number("-0")])
        #expect(value["b"]?["c"]?.string == "😀é")
        #expect(String(decoding: bytes[value.members![1].nameRange], as: UTF8.self) == #""\u0062""#)
    }

    @Test(arguments: [
        ("", 0), ("  ", 2), ("{", 1), ("[1,]", 3), ("{\"a\":1,}", 7), ("{a:1}", 1), ("[1 2]", 3), ("nul", 3),
        ("NaN", 0), ("Infinity", 0), ("-Infinity", 0), ("01", 0), ("-01", 0), ("+1", 0), (".5", 0), ("1.", 0),
        ("1e", 0), ("1e+", 0), ("-", 0), ("0x10", 1), ("\"a", 2), ("\"\t\"", 1), ("\"\\x\"", 1), ("\"\\u12G4\"", 1),
        ("\"\\", 2), ("\"\\u12", 5), ("\"\\ud800\"", 1), ("\"\\udc00\"", 1), ("\"\\ud800\\u0041\"", 1),
        ("\"\\ud800\\ud800\"", 1), ("{} {}", 3), ("1 x", 2), ("'a'", 0), ("[1]//", 3), ("\u{FEFF}{}", 0),
        ("{\"a\":1,\"a\":2}", 7), ("{\"a\":1,\"\\u0061\":2}", 7), ("{\"x\":{\"b\":1,\"b\":1}}", 12), ("truE", 3),
    ])
    func whatIsNotJSONIsRefusedWithItsOffset(text: String, offset: Int) {
        #expect(failure(text)?.offset == offset, "\(String(describing: failure(text)))")
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98],
            [0xE2, 0x28, 0xA1],
        ] as [[UInt8]]
    )
    func invalidUTF8IsRefusedWithAndWithoutEscapes(sequence: [UInt8]) {
        let plain = Array("\"ab".utf8) + sequence + Array("\"".utf8)
        #expect(failure(plain) == JSONError(.invalidUTF8, at: 3))
        let escaped = Array("\"a\\n".utf8) + sequence + Array("\"".utf8)
        #expect(failure(escaped) == JSONError(.invalidUTF8, at: 4))
        let before = Array("\"ab".utf8) + sequence + Array("\\n\"".utf8)
        #expect(failure(before) == JSONError(.invalidUTF8, at: 3))
    }

    @Test func thirtyTwoLevelsAreReadAndThirtyThreeAreNot() {
        #expect(failure(String(repeating: "[", count: 32) + String(repeating: "]", count: 32)) == nil)
        let deep = String(repeating: "[", count: 33) + String(repeating: "]", count: 33)
        #expect(failure(deep) == JSONError(.tooDeep(maximum: 32), at: 32))
        #expect(failure(String(repeating: "[{\"a\":", count: 100_000))?.reason == .tooDeep(maximum: 32))
    }

    @Test func duplicatesAreFoundAmongManyMembersAndOnlyExactOnes() {
        let many = (0..<5000).map { "\"m\($0)\":0" }.joined(separator: ",")
        #expect(failure("{\(many)}") == nil)
        #expect(failure("{\(many),\"m17\":0}")?.reason == .duplicateMember(name: "m17"))
        #expect(failure("{\"\u{E9}\":1,\"e\u{301}\":2}") == nil)
    }

    @Test func membersReadBeforeAFaultAreKeptButNotAnAmbiguousOne() {
        var reader = JSONReader(Array(#"{"a":1,"b":{"c":2},"a":3}"#.utf8))
        #expect(throws: JSONError.self) { try reader.readDocument() }
        #expect(reader.completedMembers.map(\.name) == ["b"])
    }

    @Test func theWriterEscapesWhatHasToBeEscaped() throws {
        let text = String(String.UnicodeScalarView((0...0x2FF).compactMap(Unicode.Scalar.init))) + "\"\\/😀\u{2028}"
        var writer = JSONWriter()
        writer.beginObject()
        writer.member(text, text)
        writer.name("list")
        writer.beginArray()
        writer.integer(-5)
        writer.bool(true)
        writer.null()
        writer.beginObject()
        writer.endObject()
        writer.raw("[1, 2]".utf8)
        writer.endArray()
        writer.member("none", orNull: nil)
        writer.endObject()
        let value = try JSONReader.read(writer.bytes)
        #expect(value[text]?.string == text)
        #expect(value["none"]?.content == .null)
        let list = try #require(value["list"])
        #expect(String(decoding: writer.bytes[list.range], as: UTF8.self) == "[-5,true,null,{},[1, 2]]")
    }
}
