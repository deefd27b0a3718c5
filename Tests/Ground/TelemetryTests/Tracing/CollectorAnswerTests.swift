import Foundation
import Testing

@testable import Telemetry

@Suite("Collector's answer")
struct CollectorAnswerTests {
    /// 2015-10-21 07:28:00 UTC.
    private static let now: UInt64 = 1_445_412_480_000_000_000

    private func answer(_ status: Int, retryAfter: String? = nil, body: String = "") -> CollectorAnswer {
        CollectorAnswer(status: status, retryAfter: retryAfter, body: Array(body.utf8), now: Self.now)
    }

    @Test(
        "a partial success tells how many spans were rejected",
        arguments: [
            (#"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"m"}}"#, 3),
            (#"{ "partialSuccess" : { "errorMessage" : "m", "rejectedSpans" : 2 } }"#, 2),
            (#"{"partialSuccess":{"errorMessage":"say \"rejectedSpans\":4","rejectedSpans":"5"}}"#, 5),
            (#"{"partialSuccess":{"rejectedSpans":"-1"}}"#, 0), (#"{"partialSuccess":{"rejectedSpans":"3x"}}"#, 0),
            (#"{"partialSuccess":{"rejectedSpans":"99999999999999999999"}}"#, 0),
            (#"{"partialSuccess":{}}"#, 0), ("{}", 0), ("", 0), ("junk", 0),
        ]
    )
    func partialSuccess(body: String, rejected: Int) {
        #expect(answer(200, body: body) == .accepted(rejected: rejected))
    }

    @Test("a body that is no text rejects nothing")
    func binary() {
        let bytes = [0xff, 0x00, 0x0a] as [UInt8]
        #expect(CollectorAnswer(status: 200, retryAfter: nil, body: bytes, now: 0) == .accepted(rejected: 0))
    }

    @Test("overload and gateways in trouble pass, all else is a refusal")
    func statuses() {
        for status in [429, 502, 503, 504] {
            #expect(answer(status) == .unavailable("HTTP \(status)", retryAfter: nil))
        }
        for status in [100, 301, 400, 401, 404, 408, 413, 500, 501, 505] {
            #expect(answer(status, retryAfter: "7", body: "secret-abc") == .refused("HTTP \(status)"))
        }
    }

    @Test(
        "the time that it asks for comes in seconds or as a date",
        arguments: [
            ("7", Duration.seconds(7)), (" 0 ", .zero), ("99999999999999999999", .seconds(Int64(Int32.max))),
            ("Wed, 21 Oct 2015 07:28:30 GMT", .seconds(30)), ("Thu, 22 Oct 2015 07:28:00 GMT", .seconds(86_400)),
            ("Mon, 29 Feb 2016 07:28:00 GMT", .seconds(131 * 86_400)), ("Tue, 20 Oct 2015 07:28:00 GMT", .zero),
            ("-1", nil), ("+5", nil), ("1.5", nil), ("", nil), ("soon", nil), ("Wed, 21 Oct 2015 07:28:30 CET", nil),
            ("Wed, 21 Okt 2015 07:28:30 GMT", nil), ("Wed, 21 Oct 2015 24:00:00 GMT", nil), ("0x10", nil),
        ] as [(String, Duration?)]
    )
    func retryAfter(text: String, wait: Duration?) {
        #expect(answer(503, retryAfter: text) == .unavailable("HTTP 503", retryAfter: wait))
    }

    @Test("dates are read as Foundation writes them")
    func dates() {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        for _ in 0..<500 {
            let seconds = Int64.random(in: 0..<16_000_000_000)
            let text = formatter.string(from: Date(timeIntervalSince1970: Double(seconds)))
            #expect(WallClock.seconds(httpDate: text[...]) == seconds, "\(text)")
        }
    }
}

@Suite("Header list")
struct HeaderListTests {
    private func members(_ text: String) -> [String]? { HeaderList.parse(text)?.map { "\($0.0): \($0.1)" } }

    @Test("headers are divided at commas, then at the first sign, and trimmed")
    func members() {
        #expect(members("authorization=Basic dXNlcjpwYXNz==") == ["authorization: Basic dXNlcjpwYXNz=="])
        #expect(members(" a = b , x-api-key=k=1\n") == ["a: b", "x-api-key: k=1"])
    }

    @Test("values are percent-decoded; a percent sign that begins no escape stands for itself")
    func escapes() {
        #expect(members("a=b%20c%2Cd%2cd") == ["a: b c,d,d"])
        #expect(members("a=100%,b=%zz%4,c=%25") == ["a: 100%", "b: %zz%4", "c: %"])
    }

    @Test(
        "what would break a request is refused",
        arguments: [
            "", "a", "=b", "a=", "a=b,", ",a=b", "a b=c", "a:=c", "a=b%0d%0aX: y", "a=b%0A", "a=b\r\nX: y", "a=%00",
            "a=%7f", "a=%C3%A4", "a=ä", "ä=b", "a=%11%\u{11}\u{12}",
        ]
    )
    func refused(text: String) {
        #expect(HeaderList.parse(text) == nil)
    }

    @Test("headers that the client sets by itself are known")
    func reserved() {
        for name in ["Host", "content-length", "Content-Type", "Transfer-Encoding", "connection"] {
            #expect(HeaderList.isReserved(name))
        }
        #expect(!HeaderList.isReserved("authorization"))
    }
}
