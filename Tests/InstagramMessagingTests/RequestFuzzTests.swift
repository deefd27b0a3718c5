import Foundation
import Testing

@testable import InstagramMessaging

/// Damages valid records in many ways: the decoder must always answer, and its answer must hold together.
@Suite struct RequestFuzzTests {
    private static let seeds: [[UInt8]] =
        SendRequestEncodingTests.contents.map { content in
            var request = SendRequest(
                requestID: "r",
                accountID: "1",
                recipient: .user(id: "2"),
                content: content.content
            )
            request.messagingType = content.kind.isSenderAction ? nil : .humanAgent
            request.replyTo = content.kind.isSenderAction ? nil : "mid"
            request.lastInboundAt = SampleRecord.now
            request.expiresAt = SampleRecord.now.adding(milliseconds: 1000)
            request.context = Array(#"{"order":[7.0,null]}"#.utf8)
            return request.encodedRecord()
        }

    private static let tokens: [[UInt8]] = [
        "null", "true", "-1", "1e9", "\"\"", "[]", "{}", "\"text\"", "\"type\"", "\"payload\"", "\"id\"", ",", ":", "}",
        "]", "\\u0000",
        "\\ud83d", "https://", "http://[::", "127.0.0.1", "%", "😀", "\u{301}", "\u{200D}", "2026-03-01T12:00:00Z",
        "\"message\":{}",
        "template", "like_heart", "generic", "comment_id", "react",
    ].map { Array($0.utf8) }

    private static func mutate(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        let start = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, start + Int.random(in: 0...12, using: &random))
        switch Int.random(in: 0..<7, using: &random) {
        case 0: bytes.removeSubrange(start..<end)
        case 1: bytes.insert(contentsOf: tokens.randomElement(using: &random)!, at: start)
        case 2: bytes.replaceSubrange(start..<end, with: tokens.randomElement(using: &random)!)
        case 3: bytes.insert(contentsOf: bytes[start..<end], at: end)
        case 4 where start < bytes.count: bytes[start] = UInt8.random(in: .min ... .max, using: &random)
        case 5:
            bytes.insert(
                contentsOf: [UInt8](repeating: bytes.randomElement(using: &random) ?? 91, count: 64),
                at: start
            )
        default: swapStrings(&bytes, &random)
        }
    }

    /// Exchanges two quoted strings, which mostly leaves valid JSON.
    private static func swapStrings(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        let quotes = bytes.indices.filter { bytes[$0] == UInt8(ascii: "\"") }
        guard quotes.count >= 4 else { return }
        let first = Int.random(in: 0..<quotes.count / 2 - 1, using: &random)
        let second = Int.random(in: first + 1..<quotes.count / 2, using: &random)
        let head = Array(bytes[quotes[2 * first]...quotes[2 * first + 1]])
        let tail = Array(bytes[quotes[2 * second]...quotes[2 * second + 1]])
        bytes.replaceSubrange(quotes[2 * second]...quotes[2 * second + 1], with: head)
        bytes.replaceSubrange(quotes[2 * first]...quotes[2 * first + 1], with: tail)
    }

    private static func holds(_ verdict: RequestVerdict, for bytes: [UInt8]) -> Bool {
        switch verdict {
        case .accepted(let accepted):
            // What was understood is what is sent: encoding it again means the same to Graph.
            guard let body = try? JSONReader.read(accepted.graphBody),
                let again = try? JSONReader.read(accepted.request.encodedGraphBody())
            else { return false }
            return meaning(body) == meaning(again) && accepted.request.violations(now: SampleRecord.now).isEmpty
        case .rejected(let rejected):
            let known = Set(RuleID.allCases.map(\.rawValue))
            return !rejected.error.violations.isEmpty && !rejected.error.message.isEmpty
                && rejected.error.violations.allSatisfy { known.contains($0.rule) }
                && rejected.error.violations.count <= RequestDecoder.maximumViolations
                && (rejected.context.map { (try? JSONReader.read($0)) != nil } ?? true)
        }
    }

    /// A value without the order of its members and the way it was written.
    private static func meaning(_ value: JSONValue) -> String {
        switch value.content {
        case .object(let members):
            "{" + members.map { "\($0.name.debugDescription):\(meaning($0.value))" }.sorted().joined(separator: ",")
                + "}"
        case .array(let elements): "[" + elements.map(meaning).joined(separator: ",") + "]"
        case .string(let text): text.debugDescription
        case .number(let text): text
        case .bool(let flag): "\(flag)"
        case .null: "null"
        }
    }

    @Test(arguments: 0..<4)
    func whateverTheBytesTheVerdictHoldsTogether(part: UInt64) {
        var random = SeededRandom(seed: 1000 + part)
        let decoder = RequestDecoder()
        var acceptedCount = 0
        for round in 0..<15_000 {
            var bytes = Self.seeds.randomElement(using: &random)!
            for _ in 0...Int.random(in: 0...3, using: &random) { Self.mutate(&bytes, &random) }
            let verdict = decoder.decode(bytes, now: SampleRecord.now)
            // Judging every verdict costs more than making it.
            guard round % 10 == 0 || verdict.acceptance != nil else { continue }
            if verdict.acceptance != nil { acceptedCount += 1 }
            #expect(
                Self.holds(verdict, for: bytes),
                "seed \(1000 + part), round \(round): \(String(decoding: bytes, as: UTF8.self))"
            )
        }
        #expect(acceptedCount > 100)
    }
}
