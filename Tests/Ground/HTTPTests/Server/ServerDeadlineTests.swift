import HTTPCodec
import Testing

@testable import HTTP

private let get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"

@Suite struct ServerDeadlineTests {
    @Test func closesASilentConnectionAfterTheTimeForAHead() {
        var driver = StateDriver()
        driver.wait(9)
        #expect(driver.takeEvents() == [])
        driver.wait(1)
        #expect(driver.takeEvents() == ["close"])
        #expect(driver.takeSent() == "")
    }

    @Test func givesAHeadItsTimeAndNoMoreHoweverItTrickles() {
        var driver = StateDriver()
        for byte in "GET /aaaa" {
            driver.wait(1)
            driver.receive(String(byte))
        }
        #expect(driver.takeEvents() == [])
        driver.wait(1)
        #expect(driver.takeEvents() == ["refuse 408", "shutDown"])
        #expect(driver.takeSent().hasPrefix("HTTP/1.1 408"))
    }

    @Test func givesNoTimeForEmptyLines() {
        var driver = StateDriver()
        driver.receive(get)
        driver.answer()
        for _ in 0..<4 {
            driver.wait(4)
            driver.receive("\r\n")
        }
        #expect(driver.takeEvents().last == "close")
    }

    @Test func countsTheTimeOfALaterHeadFromItsFirstByte() {
        var driver = StateDriver()
        driver.receive(get)
        driver.answer()
        driver.wait(60)
        driver.receive("G")
        driver.wait(9)
        driver.receive(String(get.dropFirst()))
        #expect(driver.takeEvents().last == "handle 2 GET /a")
    }

    @Test func closesAnIdleConnectionLaterThanLoadBalancersDo() {
        var driver = StateDriver()
        driver.receive(get)
        driver.wait(1_000)
        driver.answer()
        driver.wait(74)
        #expect(driver.takeEvents() == ["decide GET /a", "handle 1 GET /a"])
        driver.wait(1)
        #expect(driver.takeEvents() == ["close"])
    }

    @Test func givesABodyItsTimeAndNoMore() {
        var driver = StateDriver()
        driver.receive("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n")
        for _ in 0..<29 {
            driver.wait(1)
            driver.receive("x")
        }
        #expect(driver.takeEvents() == ["decide POST /b"])
        driver.wait(1)
        #expect(driver.takeEvents() == ["refuse 408 /b", "shutDown"])
    }

    @Test func endsALingeringConnectionThatTheClientLeavesOpen() {
        var driver = StateDriver()
        driver.receive("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        driver.answer()
        #expect(driver.takeEvents().last == "shutDown")
        driver.receive("more")
        driver.wait(2)
        #expect(driver.takeEvents() == ["close"])
    }

    @Test func resetsAClientThatTakesNothing() {
        var driver = StateDriver()
        driver.room = 0
        driver.receive(get)
        driver.answer(String(repeating: "x", count: 100_000))
        driver.wait(29)
        #expect(!driver.state.isClosed)
        driver.wait(1)
        #expect(driver.takeEvents().last == "reset")
    }

    @Test func bearsWithAClientThatTakesEnoughInEachPeriod() {
        var driver = StateDriver()
        driver.room = 0
        driver.receive(get)
        driver.answer(String(repeating: "x", count: 20_000))
        for _ in 0..<4 {
            driver.wait(20)
            driver.take(4_096)
        }
        #expect(!driver.state.isClosed)
        driver.take(1)
        driver.wait(30)
        driver.take(1)
        driver.wait(30)
        #expect(driver.takeEvents().last == "reset")
    }

    @Test func looksAtNoFurtherRequestAboveTheHighWaterMark() {
        var driver = StateDriver()
        driver.room = 0
        driver.receive(String(repeating: get, count: 10))
        for _ in 0..<10 where driver.state.isHandling { driver.answer(String(repeating: "x", count: 30_000)) }
        #expect(driver.state.number == 3)
        driver.take(30_000)
        #expect(driver.state.number == 3)
        driver.take(50_000)
        #expect(driver.state.number == 4)
        driver.receive(String(repeating: "x", count: 70_000))
        #expect(!driver.state.wantsInput)
        driver.wait(30)
        driver.wait(30)
        #expect(driver.state.isClosed)
    }
}

@Suite struct ServerEndTests {
    @Test func servesARequestBehindWhichTheClientHasShutItsSide() {
        var driver = StateDriver()
        driver.receive(get)
        driver.receiveEnd()
        #expect(!driver.state.isClosed)
        driver.answer("hello")
        #expect(driver.takeSent().hasSuffix("Connection: close\r\n\r\nhello"))
        #expect(driver.takeEvents().last == "close")
    }

    @Test func servesAllThatWasPipelinedBeforeTheEnd() {
        var driver = StateDriver()
        driver.receive(get + get)
        driver.receiveEnd()
        driver.answer("1")
        driver.answer("2")
        #expect(driver.takeSent().ranges(of: "200 OK").count == 2)
        #expect(driver.takeEvents().last == "close")
    }

    @Test(arguments: ["", "GET /a HT", "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabc"])
    func closesWhereTheClientEndsWithoutAWholeRequest(_ bytes: String) {
        var driver = StateDriver()
        driver.receive(bytes)
        driver.receiveEnd()
        #expect(driver.takeEvents().last == "close")
        #expect(driver.takeSent() == "")
    }

    @Test func closesIdleAndSilentConnectionsAtOnceWhenItStops() {
        var silent = StateDriver()
        silent.stop()
        #expect(silent.takeEvents() == ["close"])
        var idle = StateDriver()
        idle.receive(get)
        idle.answer()
        idle.stop()
        #expect(idle.takeEvents().last == "close")
    }

    @Test func finishesWhatIsInFlightWhenItStops() {
        var driver = StateDriver()
        driver.receive(get + get)
        driver.stop()
        #expect(!driver.state.isClosed)
        driver.answer("last")
        #expect(driver.takeSent().hasSuffix("Connection: close\r\n\r\nlast"))
        #expect(driver.takeEvents().last == "shutDown")
        var reading = StateDriver()
        reading.receive("GET /a HTTP/1.1\r\n")
        reading.stop()
        reading.receive("Host: h\r\n\r\n")
        #expect(reading.takeEvents().last == "handle 1 GET /a")
        reading.answer("x")
        #expect(reading.takeSent().contains("Connection: close"))
    }

    @Test func sendsWhatIsQueuedBeforeItEndsAnIdleConnection() {
        var driver = StateDriver()
        driver.room = 0
        driver.receive(get)
        driver.answer("hello")
        driver.stop()
        #expect(!driver.state.isClosed)
        driver.take(1_000)
        #expect(driver.takeEvents().last == "shutDown")
    }
}
