import HTTPCodec
import Testing

@testable import HTTP

private let get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"

private func post(_ body: String, extra: String = "") -> String {
    "POST /b HTTP/1.1\r\nHost: h\r\n\(extra)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
}

@Suite struct ServerConnectionStateTests {
    @Test func answersARequestAndKeepsTheConnection() {
        var driver = StateDriver()
        driver.receive(get)
        #expect(driver.takeEvents() == ["decide GET /a", "handle 1 GET /a"])
        driver.answer("hello")
        #expect(driver.takeSent() == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        driver.receive(post("xyz"))
        #expect(driver.takeEvents() == ["decide POST /b", "handle 2 POST /b xyz"])
        driver.answer(status: 503)
        #expect(driver.takeSent() == "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        #expect(!driver.state.isClosed)
    }

    @Test func doesTheSameHoweverTheBytesArePieced() {
        let chunked =
            "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n"
        let bytes = get + post("xyz") + chunked + "GET /z HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
        func run(pieces size: Int) -> (events: [String], sent: String) {
            var driver = StateDriver()
            var rest = bytes[...]
            while !rest.isEmpty {
                driver.receive(String(rest.prefix(size)))
                rest = rest.dropFirst(size)
                while driver.state.isHandling { driver.answer("\(driver.state.number)") }
            }
            return (driver.takeEvents(), driver.takeSent())
        }
        let whole = run(pieces: .max)
        #expect(
            whole.events.filter { $0.hasPrefix("handle") } == [
                "handle 1 GET /a", "handle 2 POST /b xyz", "handle 3 POST /c abcde", "handle 4 GET /z",
            ]
        )
        #expect(whole.events.last == "shutDown")
        for size in 1...40 {
            let pieced = run(pieces: size)
            #expect(pieced.events == whole.events)
            #expect(pieced.sent == whole.sent)
        }
    }

    @Test func answersPipelinedRequestsInTheirOrderAndLooksAtOneAtATime() {
        var driver = StateDriver()
        driver.receive(get + post("x") + get)
        #expect(driver.takeEvents() == ["decide GET /a", "handle 1 GET /a"])
        driver.answer("1")
        #expect(driver.takeEvents() == ["decide POST /b", "handle 2 POST /b x"])
        driver.answer("2")
        driver.answer("3")
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"
        #expect(driver.takeSent() == "\(head)1\(head)2\(head)3")
    }

    @Test func putsThe400OfASecondRequestBehindTheFirstAnswer() {
        var driver = StateDriver()
        driver.receive(get + "GET /b HTTP/1.1\r\nHost : h\r\n\r\n")
        #expect(driver.takeEvents() == ["decide GET /a", "handle 1 GET /a"])
        #expect(driver.takeSent() == "")
        driver.answer("first")
        #expect(driver.takeEvents() == ["refuse 400", "shutDown"])
        #expect(
            driver.takeSent() == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst"
                + "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
    }

    @Test func takesOnlyTheFirstEndOfARequest() {
        var driver = StateDriver()
        driver.receive(get)
        driver.answer("1")
        driver.answer("again", number: 1)
        driver.end(.reset, number: 1)
        driver.receive(get)
        driver.answer("stale", number: 1)
        #expect(driver.takeSent() == "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1")
        driver.answer("2")
        #expect(driver.takeSent() == "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2")
    }

    @Test func endsAConnectionWithoutAnAnswerInOrderOrByAReset() {
        var driver = StateDriver()
        driver.receive(get)
        driver.end(.close)
        #expect(driver.takeEvents() == ["decide GET /a", "handle 1 GET /a", "shutDown"])
        driver.receiveEnd()
        #expect(driver.takeEvents() == ["close"])
        var other = StateDriver()
        other.receive(get)
        other.end(.reset)
        #expect(other.takeEvents().last == "reset")
        #expect(other.takeSent() == "")
        #expect(other.state.isClosed)
    }

    @Test func resetsBeforeTheBodyIsRead() {
        var driver = StateDriver()
        driver.decide = { _ in .reset }
        driver.receive("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n")
        #expect(driver.takeEvents() == ["decide POST /b", "reset"])
    }

    @Test func keepsAnOldClientOnlyWhereItAsks() {
        var driver = StateDriver()
        driver.receive("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        driver.answer("1")
        #expect(driver.takeSent().hasSuffix("Content-Length: 1\r\nConnection: keep-alive\r\n\r\n1"))
        driver.receive("GET /a HTTP/1.0\r\n\r\n")
        driver.answer("2")
        #expect(driver.takeSent().hasSuffix("Content-Length: 1\r\nConnection: close\r\n\r\n2"))
        #expect(driver.takeEvents().last == "shutDown")
    }

    @Test func sendsNoBodyWhereNoneBelongs() {
        var driver = StateDriver()
        driver.receive("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n")
        driver.answer("hello")
        #expect(driver.takeSent() == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        for status in [204, 304] {
            driver.receive(get)
            driver.answer("hello", status: status)
            #expect(driver.takeSent() == "HTTP/1.1 \(status) \(HTTPStatus.reason(status))\r\n\r\n")
        }
        driver.receive(get)
        driver.answer("again")
        #expect(driver.takeSent().hasSuffix("again"))
    }

    @Test func replacesAnAnswerThatWouldSmuggleByAClean500() {
        for header in [("X", "a\r\nSet-Cookie: b"), ("X", "a\0"), ("X: y", "z"), ("X\r\nY", "z")] {
            var driver = StateDriver()
            driver.receive(get)
            driver.end(.respond(HTTPServerResponse(status: 200, headers: HTTPHeaders([header]), body: [1])))
            let sent = driver.takeSent()
            #expect(sent.hasPrefix("HTTP/1.1 500 Internal Server Error\r\n"))
            #expect(!sent.contains("Set-Cookie"))
            #expect(driver.takeEvents().last == "notice")
            driver.receive(get)
            driver.answer("next")
            #expect(driver.takeSent().hasSuffix("next"))
        }
    }

    @Test func keepsTheFramingInItsOwnHands() {
        var driver = StateDriver()
        driver.receive(get)
        var response = HTTPServerResponse(status: 200, headers: ["A": "1"], body: Array("abc".utf8))
        response.headers.add("Transfer-Encoding", "chunked")
        response.headers.add("Connection", "close")
        response.headers.add("B", "2")
        response.body = Array("abcd".utf8)
        driver.end(.respond(response))
        #expect(
            driver.takeSent() == "HTTP/1.1 200 OK\r\nA: 1\r\nContent-Length: 4\r\nB: 2\r\nDate: now\r\n\r\nabcd"
        )
    }
}

@Suite struct ServerRefusalTests {
    private let head = "POST /b HTTP/1.1\r\nHost: h\r\n"

    @Test(arguments: [
        ("GET /a HTTP/1.1\r\n\r\n", 400), ("nonsense\r\n\r\n", 400), ("GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        ("GET /%2e%2e/x HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("GET /a HTTP/2.1\r\nHost: h\r\n\r\n", 505),
        ("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", 501),
        ("GET /a HTTP/1.1\r\nHost: h\r\nExpect: magic\r\n\r\n", 417),
    ])
    func refusesWhatIsNoRequest(_ bytes: String, status: Int) {
        expectRefusal(of: bytes, status: status)
    }

    @Test func refusesAHeadBeyondItsLimits() {
        let long = String(repeating: "a", count: 17_000)
        expectRefusal(of: "GET /\(long.prefix(9_000)) HTTP/1.1\r\n", status: 414)
        expectRefusal(of: "GET /a HTTP/1.1\r\nHost: h\r\nX: \(long)", status: 431)
        expectRefusal(of: "GET /a HTTP/1.1\r\nHost: h\r\n\(long)", status: 431)
        expectRefusal(of: "GET /a HTTP/1.1\r\n\(String(repeating: "a: b\r\n", count: 101))", status: 431)
    }

    private func expectRefusal(of bytes: String, status: Int) {
        var driver = StateDriver()
        driver.receive(bytes)
        #expect(driver.takeEvents().map { $0.prefix(10) } == ["refuse \(status)", "shutDown"])
        #expect(driver.takeSent().hasSuffix("Connection: close\r\n\r\n"))
        driver.receive("GET /next HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(driver.takeEvents() == [])
    }

    @Test(arguments: ["\u{16}\u{3}\u{1}\u{2}\0\u{1}", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])
    func closesWithoutAnAnswerWhereTheClientSpeaksSomethingElse(_ bytes: String) {
        var driver = StateDriver()
        driver.receive(bytes)
        #expect(driver.takeEvents() == ["notice", "close"])
        #expect(driver.takeSent() == "")
    }

    @Test func refusesABodyThatIsTooLongAsSoonAsThatIsKnown() {
        var settings = HTTPServerSettings()
        settings.maxBodyBytes = 4
        var driver = StateDriver(settings)
        driver.receive("\(head)Content-Length: 5\r\n\r\n")
        #expect(driver.takeEvents() == ["decide POST /b", "refuse 413 /b", "shutDown"])
        var chunked = StateDriver(settings)
        chunked.receive("\(head)Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n")
        #expect(chunked.takeEvents() == ["decide POST /b"])
        chunked.receive("1\r\n")
        #expect(chunked.takeEvents() == ["refuse 413 /b", "shutDown"])
        var allowed = StateDriver(settings)
        allowed.decide = { _ in .read(atMost: 5) }
        allowed.receive("\(head)Content-Length: 5\r\n\r\nabcde")
        #expect(allowed.takeEvents() == ["decide POST /b", "handle 1 POST /b abcde"])
    }

    @Test func dropsWhatARefusedClientStillSendsUpToALimit() {
        var settings = HTTPServerSettings()
        settings.maxLingerBytes = 1_000
        var driver = StateDriver(settings)
        driver.receive("\(head)Content-Length: 99999999\r\n\r\n")
        #expect(driver.takeEvents().last == "shutDown")
        driver.receive(String(repeating: "x", count: 1_000))
        #expect(driver.takeEvents() == [])
        #expect(driver.state.reader.count == 0)
        driver.receive("x")
        #expect(driver.takeEvents() == ["close"])
    }

    @Test func closesAfterAnAnswerThatDidNotWaitForTheBody() {
        var driver = StateDriver()
        driver.decide = { _ in .answer(HTTPServerResponse(status: 401, isDated: false)) }
        driver.receive("\(head)Content-Length: 3\r\n\r\nabc" + get)
        #expect(driver.takeSent() == "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        #expect(driver.takeEvents() == ["decide POST /b", "shutDown"])
        var bodiless = StateDriver()
        bodiless.decide = { _ in .answer(HTTPServerResponse(status: 401, isDated: false)) }
        bodiless.receive("\(head)Content-Length: 0\r\n\r\n" + get)
        #expect(bodiless.takeEvents() == ["decide POST /b", "decide GET /a"])
        #expect(!bodiless.takeSent().contains("close"))
    }

    @Test func says100OnlyWhenItIsAboutToRead() {
        let expecting = "\(head)Expect: 100-Continue\r\nContent-Length: 3\r\n\r\n"
        var driver = StateDriver()
        driver.receive(expecting)
        #expect(driver.takeSent() == "HTTP/1.1 100 Continue\r\n\r\n")
        driver.receive("abc")
        driver.answer("ok")
        #expect(driver.takeSent().hasPrefix("HTTP/1.1 200 OK"))
        driver.receive(expecting + "abc")
        driver.answer("ok")
        #expect(driver.takeSent().hasPrefix("HTTP/1.1 200 OK"))

        var refusing = StateDriver()
        refusing.decide = { _ in .answer(HTTPServerResponse(status: 401)) }
        refusing.receive(expecting)
        #expect(refusing.takeSent().hasPrefix("HTTP/1.1 401"))
        var limited = StateDriver()
        limited.decide = { _ in .read(atMost: 2) }
        limited.receive(expecting)
        #expect(limited.takeSent().hasPrefix("HTTP/1.1 413"))
        var old = StateDriver()
        old.receive("POST /b HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        #expect(old.takeSent() == "")
    }
}

extension ServerConnectionState {
    var isHandling: Bool {
        if case .handling = phase { true } else { false }
    }
}
