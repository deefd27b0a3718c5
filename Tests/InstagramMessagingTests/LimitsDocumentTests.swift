import Foundation
import InstagramMessaging
import Testing

/// `schemas/LIMITS.md` is generated from the catalogue of rules; this finds it out of step.
@Suite struct LimitsDocumentTests {
    private static let introduction = """
        # What you may send

        Every rule that a send request is checked against before a call is made, with its limit and where it comes from. All
        broken rules of a request are reported at once, each with its rule id, a JSON Pointer and a sentence that says what to do.
        Characters are counted as people see them, an emoji or an accented letter as one; bytes are those of UTF-8.

        This file is generated from the rules in the code.

        | rule | what has to be so | limit | source |
        | --- | --- | --- | --- |

        """

    private static var document: String {
        ValidationRule.catalogue.reduce(into: introduction) { text, rule in
            let cells = [rule.summary, rule.limit ?? "–", rule.source].map { $0.replacing("|", with: "\\|") }
            text += "| `\(rule.id)` | \(cells.joined(separator: " | ")) |\n"
        }
    }

    @Test func theDocumentOfLimitsSaysWhatTheCodeChecks() throws {
        let name = "LIMITS.md"
        if ProcessInfo.processInfo.environment["REGENERATE"] == "1" {
            try Data(Self.document.utf8).write(to: SchemaExamples.url(ofSchema: name))
        }
        let written = try String(decoding: SchemaExamples.data(ofSchema: name), as: UTF8.self)
        #expect(
            written == Self.document,
            "schemas/LIMITS.md is out of step with ValidationRule.catalogue; write it anew with: REGENERATE=1 swift test --filter LimitsDocumentTests"
        )
    }
}
