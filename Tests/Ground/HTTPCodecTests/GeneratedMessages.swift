/// A small generator with a seed (SplitMix64), so that a failure can be run again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func choose<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &self)]
    }

    mutating func happens(_ one: Int, in all: Int) -> Bool { Int.random(in: 0..<all, using: &self) < one }
}

/// Messages out of the parts that matter, well-formed for the most part, and ways to spoil them.
enum GeneratedMessages {
    private static let fields = [
        "Host: h", "Host: h", "Connection: close", "Connection: keep-alive", "Keep-Alive: timeout=5",
        "Expect: 100-continue",
        "X-A: ", "X-B:\tb\t", "X-C: \u{e4}", "Content-Type: application/json", "Content-Length: 3",
        "Transfer-Encoding: chunked",
    ]
    private static let tokens = [
        "\r\n", "\n", "\r", " ", "\t", ":", ";", ",", "0", "f", "chunked", "\r\n\r\n", "0\r\n\r\n",
        "Content-Length: 3\r\n",
        "Transfer-Encoding: chunked\r\n", "HTTP/1.1", "HTTP/1.0", "\u{0}", "close", "GET / HTTP/1.1\r\n",
        "HTTP/1.1 100 C\r\n\r\n",
        "ffffffffffffffff", "%", "\"", "[", "@", "*",
    ]

    static func responses(_ random: inout SeededGenerator) -> [UInt8] {
        var text = ""
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            while random.happens(1, in: 4) { text += "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" }
            let line = random.choose(["200 OK", "200 OK", "204 No Content", "304 Not Modified", "404", "500 No \u{fc}"])
            text += "HTTP/1.\(random.choose([1, 1, 1, 0])) \(line)\r\n" + rest(&random)
        }
        return Array(text.utf8)
    }

    static func requests(_ random: inout SeededGenerator) -> [UInt8] {
        var text = ""
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            while random.happens(1, in: 6) { text += "\r\n" }
            let line = random.choose([
                "GET / ", "POST /a?b=c ", "HEAD /%20 ", "OPTIONS * ", "CONNECT h:1 ", "GET http://a.test/b ", "PUT /c ",
            ])
            text += "\(line)HTTP/1.\(random.choose([1, 1, 1, 0]))\r\nHost: h\r\n" + rest(&random)
        }
        return Array(text.utf8)
    }

    /// Fields, the blank line and a body in a framing that fits.
    private static func rest(_ random: inout SeededGenerator) -> String {
        var text = ""
        while random.happens(1, in: 2) { text += random.choose(fields.dropLast(2) + ["Z: \(random.next())"]) + "\r\n" }
        let body = String(repeating: "b", count: Int.random(in: 0...20, using: &random))
        switch Int.random(in: 0..<4, using: &random) {
        case 0: text += "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        case 1, 2:
            text += "Transfer-Encoding: chunked\r\n\r\n"
            for _ in 0..<Int.random(in: 0...3, using: &random) where !body.isEmpty {
                let ext = random.happens(1, in: 3) ? ";a=b" : ""
                text +=
                    String(body.utf8.count, radix: 16, uppercase: random.happens(1, in: 2)) + "\(ext)\r\n\(body)\r\n"
            }
            text += "0\r\n" + (random.happens(1, in: 3) ? "T: t\r\n" : "") + "\r\n"
        default: text += "\r\n"
        }
        return text
    }

    /// Changes up to three places; now and then none.
    static func spoil(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let end = min(bytes.count, place + Int.random(in: 0...8, using: &random))
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 1: bytes.removeSubrange(place..<end)
            case 2: bytes.insert(contentsOf: bytes[place..<end], at: place)
            case 3 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 4: bytes.removeSubrange(place...)
            default: bytes.insert(contentsOf: random.choose(tokens).utf8, at: place)
            }
        }
        return bytes
    }

    static func sizes(_ random: inout SeededGenerator) -> [Int] {
        let largest = random.choose([2, 5, 40])
        return (0..<Int.random(in: 1...9, using: &random)).map { _ in Int.random(in: 1...largest, using: &random) }
    }
}
