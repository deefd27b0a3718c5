import Foundation
import Testing

@testable import InstagramMessaging

/// Compares the reader with Foundation's on generated documents and on damaged ones.
@Suite struct JSONReaderFoundationTests {
    private static func document(_ random: inout SeededRandom, depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 4 ? 6 : 9), using: &random) {
        case 0: return "null"
        case 1: return Bool.random(using: &random) ? "true" : "false"
        case 2: return ["0", "-0", "7", "-12", "1.5", "2e3", "1E-2", "123456789012"].randomElement(using: &random)!
        case 3, 4, 5: return string(&random)
        case 6:
            let count = Int.random(in: 0...4, using: &random)
            return "[" + (0..<count).map { _ in document(&random, depth: depth + 1) }.joined(separator: " ,\n") + "]"
        default:
            let count = Int.random(in: 0...4, using: &random)
            let members = (0..<count).map { index in
                "\"k\(index)\" :\t" + document(&random, depth: depth + 1)
            }
            return "{" + members.joined(separator: ",") + "}"
        }
    }

    private static func string(_ random: inout SeededRandom) -> String {
        let pieces = [
            "a", "é", "😀", "\\n", "\\\"", "\\\\", "\\/", "\\u00e9", "\\ud83d\\ude00", "\u{301}", " ", "日本", "\u{7F}",
        ]
        let count = Int.random(in: 0...6, using: &random)
        return "\"" + (0..<count).map { _ in pieces.randomElement(using: &random)! }.joined() + "\""
    }

    private static func foundation(_ bytes: [UInt8]) -> Any? {
        try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
    }

    private static func isSame(_ value: JSONValue, _ other: Any) -> Bool {
        switch value.content {
        case .null: return other is NSNull
        case .bool(let flag): return (other as? Bool) == flag
        case .number(let text): return (other as? NSNumber)?.doubleValue == Double(text)
        case .string(let text): return (other as? String).map { Array($0.utf8) == Array(text.utf8) } ?? false
        case .array(let elements):
            guard let others = other as? [Any], others.count == elements.count else { return false }
            return zip(elements, others).allSatisfy { isSame($0, $1) }
        case .object(let members):
            guard let others = other as? [String: Any], others.count == members.count else { return false }
            return members.allSatisfy { member in others[member.name].map { isSame(member.value, $0) } ?? false }
        }
    }

    @Test func generatedDocumentsAreReadAsFoundationReadsThem() throws {
        var random = SeededRandom(seed: 11)
        for _ in 0..<3000 {
            let bytes = Array(Self.document(&random, depth: 0).utf8)
            let value = try JSONReader.read(bytes)
            let other = try #require(Self.foundation(bytes))
            #expect(Self.isSame(value, other), "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test func nothingIsReadThatFoundationRefuses() {
        var random = SeededRandom(seed: 12)
        var acceptedCount = 0
        for _ in 0..<15_000 {
            var bytes = Array(Self.document(&random, depth: 0).utf8)
            for _ in 0..<Int.random(in: 1...2, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.remove(at: index)
                case 1: bytes[index] = Array("{}[]\",:\\u0e1-.tn \u{1}".utf8).randomElement(using: &random)!
                default: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
                }
            }
            guard let value = try? JSONReader.read(bytes) else { continue }
            acceptedCount += 1
            let other = Self.foundation(bytes)
            #expect(other.map { Self.isSame(value, $0) } == true, "\(bytes)")
        }
        #expect(acceptedCount > 500)
    }
}
