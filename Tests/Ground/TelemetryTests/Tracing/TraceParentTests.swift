import Testing

@testable import Telemetry

@Suite("W3C trace context: traceparent")
struct TraceParentTests {
    static let example = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test("a header is read and written back as it was")
    func roundTrip() throws {
        let parent = try #require(TraceParent(Self.example))
        #expect(parent.traceID.description == "0af7651916cd43dd8448eb211c80319c")
        #expect(parent.spanID.description == "b7ad6b7169203331")
        #expect(parent.flags == .sampled)
        #expect(parent.text == Self.example)
        let unsampled = try #require(TraceParent(Self.example.dropLast(2) + "00"))
        #expect(unsampled.flags == [])
        #expect(unsampled.text == Self.example.dropLast(2) + "00")
    }

    @Test(
        "a malformed header is ignored",
        arguments: [
            "",
            "00",
            "junk",
            // One digit too few, one too many.
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-011",
            // Version 00 ends after its flags.
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
            // Uppercase, other letters, other dividers.
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-B7AD6B7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x",
            "0x-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
            " 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 ",
            // Ids that are all zero, and the version that is none.
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            // Two headers in one.
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01,00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ]
    )
    func malformed(_ text: String) {
        #expect(TraceParent(text) == nil)
    }

    @Test("of a version to come the known fields are read, and it is written as version 00")
    func futureVersions() {
        for text in [
            "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-adds",
            "fe-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff-",
        ] {
            #expect(TraceParent(text)?.text == Self.example)
        }
        #expect(TraceParent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01.") == nil)
    }

    @Test("flags without a meaning are not passed on")
    func flags() {
        let start = Self.example.dropLast(2)
        #expect(TraceParent(start + "ff")?.text == start + "03")
        #expect(TraceParent(start + "fe")?.flags == .random)
        #expect(TraceParent(start + "04")?.flags == [])
    }
}

@Suite("W3C trace context: tracestate")
struct TraceStateTests {
    @Test(
        "a well-formed header is carried as it is",
        arguments: [
            "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "a=1", "a=1 , b=2", "a=1,,b=2", "a=b c", "tenant@system=1",
            "0a-b_c*d/e=!~", "k=" + String(repeating: "v", count: 256),
        ]
    )
    func valid(_ text: String) {
        #expect(TraceState(text)?.text == text)
    }

    @Test(
        "a malformed header is left out",
        arguments: [
            "", " ", ",", "a", "=1", "a=", "A=1", "_a=1", "a b=1", "a=1=2", "a=1,a=2", "a=\u{7f}", "a=ä", "a=1\u{0}",
            String(repeating: "k", count: 257) + "=1", "k=" + String(repeating: "v", count: 257),
        ]
    )
    func invalid(_ text: String) {
        #expect(TraceState(text) == nil)
    }

    @Test("32 members are the most")
    func members() {
        let members = (0..<33).map { "k\($0)=v" }
        let most = members.dropLast().joined(separator: ",")
        #expect(TraceState(most)?.text == most)
        #expect(TraceState(members.joined(separator: ",")) == nil)
    }

    @Test("of a header of more than 512 characters the long members go first, then the oldest")
    func length() {
        let exact = "a=" + String(repeating: "x", count: 254) + ",b=" + String(repeating: "y", count: 253)
        #expect(exact.utf8.count == 512)
        #expect(TraceState(exact)?.text == exact)
        let long = "long=" + String(repeating: "v", count: 200)
        let short = (0..<5).map { "k\($0)=" + String(repeating: "v", count: 97) }
        #expect(TraceState(([long] + short).joined(separator: ","))?.text == short.joined(separator: ","))
        let many = (0..<7).map { "k\($0)=" + String(repeating: "v", count: 97) }
        #expect(TraceState(many.joined(separator: ","))?.text == many.prefix(5).joined(separator: ","))
        let onlyLong = (0..<3).map { long.replacing("long", with: "l\($0)") }
        #expect(TraceState(onlyLong.joined(separator: ",")) == nil)
    }
}
