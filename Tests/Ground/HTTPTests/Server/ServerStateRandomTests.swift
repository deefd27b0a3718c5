import HTTPCodec
import Testing

@testable import HTTP

/// Whatever comes in whatever order, a connection keeps to its rules.
@Suite struct ServerStateRandomTests {
    private static let pieces = [
        "GET /a HTTP/1.1\r\nHost: h\r\n\r\n", "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n", "GET /b HTTP/1.0\r\n\r\n",
        "POST /c HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n", "abcd", "ab", "\r\n", "\r\n\r\n", "GET", " ",
        "POST /d HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", "4\r\n", "0\r\n\r\n", "4;x=y\r\nabcd\r\n",
        "POST /e HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n", "Host: h\r\n",
        "GET /f HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", "\u{16}",
        "\0",
        "POST /g HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n", String(repeating: "x", count: 20_000),
    ]

    @Test func neverAnswersTwiceAndAlwaysComesToItsEnd() {
        for seed in 0..<1_000 {
            var random = SplitMix64(seed: UInt64(seed))
            var driver = StateDriver()
            driver.room = Bool.random(using: &random) ? .max : 0
            for _ in 0..<Int.random(in: 1...60, using: &random) { step(&driver, &random) }
            finish(&driver)
            expectOrder(of: driver.takeEvents(), answers: driver.answers, seed)
            #expect(driver.state.isClosed, "seed \(seed)")
        }
    }

    private func step(_ driver: inout StateDriver, _ random: inout SplitMix64) {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<55: driver.receive(Self.pieces.randomElement(using: &random) ?? "")
        case 55..<80:
            guard driver.state.isHandling else { return }
            let size = [0, 1, 100, 70_000].randomElement(using: &random) ?? 0
            driver.answer(String(repeating: "y", count: size), status: size == 1 ? 204 : 200)
        case 80..<82: driver.end(Bool.random(using: &random) ? .close : .reset)
        case 82..<83: driver.receiveEnd()
        case 83..<84: driver.stop()
        case 84..<92: driver.wait(Int64.random(in: 1...40, using: &random))
        default: if driver.room != .max { driver.take(Int.random(in: 0...90_000, using: &random)) }
        }
    }

    /// Answers what is asked, takes what is sent, and lets time pass until nothing is waited for.
    private func finish(_ driver: inout StateDriver) {
        driver.take(.max)
        for _ in 0..<200 where !driver.state.isClosed {
            if driver.state.isHandling { driver.answer() }
            driver.wait(80)
        }
    }

    private func expectOrder(of events: [String], answers: Int, _ seed: Int) {
        let ends = ["close", "reset"]
        #expect(events.filter(ends.contains).count == 1, "seed \(seed): \(events)")
        #expect(events.last.map(ends.contains) == true, "seed \(seed): \(events)")
        #expect(events.filter { $0 == "shutDown" }.count <= 1, "seed \(seed)")
        let numbers = events.filter { $0.hasPrefix("handle ") }.map { Int($0.split(separator: " ")[1]) ?? 0 }
        #expect(numbers == Array(numbers.indices.map { $0 + 1 }), "seed \(seed): \(events)")
        let refusals = events.count { $0.hasPrefix("refuse ") }
        #expect(refusals <= 1, "seed \(seed): \(events)")
        #expect(answers <= numbers.count + refusals, "seed \(seed): \(events)")
    }
}
