/// A whole HTTP answer.
struct HTTPAnswer: Sendable, Hashable {
    /// The way in which it goes out.
    enum Course: Sendable, Hashable {
        case whole
        /// Half of the body, and then nothing.
        case stalls
        /// The same bytes once more, so long after it.
        case comesTwice(after: Duration)
        /// A farewell on the idle connection, so long after it.
        case endsConnection(after: Duration)
    }

    var status: Int
    var contentType = "application/json; charset=UTF-8"
    /// Besides the content's type and length.
    var headers: [String: String] = [:]
    var body: [UInt8]
    var course = Course.whole
}

extension HTTPAnswer {
    /// Graph's answer to an accepted call; sender actions get no `message_id`, only what is kept has an `attachment_id`.
    static func accepted(recipientID: String, messageID: String?, attachmentID: String? = nil) -> HTTPAnswer {
        let body = JSONNode.object([
            "recipient_id": .string(recipientID),
            "message_id": .string(messageID),
            "attachment_id": .string(attachmentID),
        ])
        return HTTPAnswer(status: 200, body: body.encoded)
    }

    static func error(_ answer: GraphErrorAnswer, traceID: String) -> HTTPAnswer {
        let error = JSONNode.object([
            "message": .string(answer.message),
            "type": .string(answer.type),
            "is_transient": .bool(answer.isTransient),
            "code": .integer(answer.code),
            "error_subcode": .integer(answer.subcode),
            "fbtrace_id": .string(traceID),
        ])
        var headers: [String: String] = [:]
        headers["Retry-After"] = answer.retryAfterSeconds.map(String.init)
        return HTTPAnswer(status: answer.status, headers: headers, body: JSONNode.object(["error": error]).encoded)
    }

    /// The answer of a gateway in front of Graph.
    static func htmlPage(status: Int) -> HTTPAnswer {
        let page = "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>\(status)</h1></body></html>"
        return HTTPAnswer(status: status, contentType: "text/html; charset=utf-8", body: Array(page.utf8))
    }

    /// The same answer with a body that ends in its middle.
    var truncated: HTTPAnswer {
        var answer = self
        answer.body = Array(body.prefix(body.count / 2))
        return answer
    }

    /// The same answer with Graph's usage header of the application.
    func withUsage(ofApplication percent: Int) -> HTTPAnswer {
        var answer = self
        answer.headers["X-App-Usage"] = "{\(Self.usage(percent))}"
        return answer
    }

    /// The same answer with Graph's usage header of an account.
    func withUsage(accountID: String, percent: Int, regainMinutes: Int) -> HTTPAnswer {
        let usage = Self.usage(percent)
        var answer = self
        answer.headers["X-Business-Use-Case-Usage"] =
            "{\"\(accountID)\":[{\"type\":\"instagram\",\(usage),"
            + "\"estimated_time_to_regain_access\":\(regainMinutes)}]}"
        return answer
    }

    private static func usage(_ percent: Int) -> String {
        "\"call_count\":\(percent),\"total_cputime\":\(percent / 2),\"total_time\":\(percent / 2)"
    }
}

extension HTTPAnswer {
    private static let longBody = 115_000

    /// The same answer, odd in one respect.
    func made(_ odd: OddAnswer) -> HTTPAnswer {
        var answer = self
        switch odd.oddity {
        case .gzip:
            answer.headers["Content-Encoding"] = "gzip"
            answer.body = StoredBytes.gzip(body)
        case .deflate:
            answer.headers["Content-Encoding"] = "deflate"
            answer.body = StoredBytes.deflate(body)
        case .loneSurrogate: answer.body = body(with: #""note":"\ud83d","#)
        case .latin1: answer.body = body(with: #""note":""#, [0xE9], #"","#)
        case .duplicateMember: answer.body = body(with: #""note":1,"note":2,"#)
        case .trailingBytes: answer.body = body + Array("\n<!-- answered by proxy 7 -->".utf8)
        case .longBody: answer.body = lengthened
        case .stalledBody: answer.course = .stalls
        case .wrongRecipient: answer.body = namingAnother
        case .secondAnswer: answer.course = .comesTwice(after: odd.after)
        case .otherVersion: answer.headers["facebook-api-version"] = "v99.0"
        case .farewell: answer.course = .endsConnection(after: odd.after)
        }
        return answer
    }

    private var isJSON: Bool { body.first == UInt8(ascii: "{") }

    /// The body with members before its own; a page stays as it is.
    private func body(with members: String, _ bytes: [UInt8] = [], _ rest: String = "") -> [UInt8] {
        guard isJSON else { return body }
        return [UInt8(ascii: "{")] + Array(members.utf8) + bytes + Array(rest.utf8) + body.dropFirst()
    }

    private var lengthened: [UInt8] {
        let padding = String(repeating: "x", count: Self.longBody)
        return isJSON ? body(with: #""note":"\#(padding)","#) : body + Array("<!-- \(padding) -->".utf8)
    }

    /// One digit makes it another person's id.
    private var namingAnother: [UInt8] {
        let member = Array(#""recipient_id":""#.utf8)
        for start in body.indices.dropLast(member.count) where body[start...].starts(with: member) {
            let end = start + member.count
            return Array(body[..<end]) + [UInt8(ascii: "9")] + body[end...]
        }
        return body
    }
}

/// Codings whose data stand as they are, which their formats allow: all that a reader can tell them by is there.
private enum StoredBytes {
    static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        let start: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        return start + deflate(bytes) + littleEndian(checksum(bytes)) + littleEndian(UInt32(bytes.count))
    }

    /// Bare deflate, as some servers send it.
    static func deflate(_ bytes: [UInt8]) -> [UInt8] {
        var blocks: [UInt8] = []
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(65_535)
            rest = rest.dropFirst(block.count)
            let count = UInt16(block.count)
            blocks.append(rest.isEmpty ? 1 : 0)
            for value in [count, ~count] { blocks += [UInt8(value & 0xFF), UInt8(value >> 8)] }
            blocks += block
        } while !rest.isEmpty
        return blocks
    }

    private static func littleEndian(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// CRC-32 (RFC 1952, section 8).
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var checksum = UInt32.max
        for byte in bytes {
            checksum ^= UInt32(byte)
            for _ in 0..<8 { checksum = checksum >> 1 ^ (checksum & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~checksum
    }
}
