import HTTPCodec
import Testing

@Suite struct PercentEncodingTests {
    @Test(arguments: [
        ("/", "/"), ("/a%20b", "/a b"), ("/%252e", "/%2e"), ("/%c3%A4", "/ä"), ("/a+b", "/a+b"),
        ("/..a/b..", "/..a/b.."),
        ("/a.b", "/a.b"), ("*", "*"), ("//", "//"),
    ])
    func decodesAPathOnce(path: String, expected: String) throws {
        #expect(try PercentEncoding.decodePath(path) == expected)
    }

    @Test(
        arguments: [
            ("/%", .escape), ("/%1", .escape), ("/%ZZ", .escape), ("/%%31", .escape), ("/%2", .escape),
            ("/%+1", .escape),
            ("/%00", .controlCharacter), ("/%0d%0A", .controlCharacter), ("/%7f", .controlCharacter),
            ("/%ff", .encoding), ("/%c3", .encoding), ("/%c0%af", .encoding), ("/%ed%a0%80", .encoding),
            ("/%2e%2e/x", .dotSegment), ("/../x", .dotSegment), ("/.", .dotSegment), ("/a/..", .dotSegment),
            ("/a%2f..%2Fb", .dotSegment),
        ] as [(String, PercentEncoding.DecodingError.Kind)]
    )
    func refusesPaths(path: String, kind: PercentEncoding.DecodingError.Kind) {
        let error = #expect(throws: PercentEncoding.DecodingError.self) { try PercentEncoding.decodePath(path) }
        #expect(error?.kind == kind)
    }

    @Test func decodesQueries() throws {
        let pairs = try PercentEncoding.decodeQuery("a=1&b=x+y%2B&&c&d==&a=%26")
        #expect(pairs.map(\.name) == ["a", "b", "c", "d", "a"])
        #expect(pairs.map(\.value) == ["1", "x y+", "", "=", "&"])
        #expect(throws: PercentEncoding.DecodingError.self) { try PercentEncoding.decodeQuery("a=%") }
    }
}
