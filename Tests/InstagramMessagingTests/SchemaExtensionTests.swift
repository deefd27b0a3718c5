import Foundation
import Testing

@testable import InstagramMessaging

/// The request schema refuses the same file extensions as the code.
@Suite struct SchemaExtensionTests {
    private static let groups = ["imageFile", "audioFile", "movieFile", "videoFile", "pdfFile", "otherFile"]

    /// The extensions that a group of the schema names, out of a pattern such as `…\.([Pp][Nn][Gg]|…)([?#]|$)`.
    private static func extensions(of group: String, in schema: SchemaDocument) throws -> Set<String> {
        let pattern = try #require(schema.text(["$defs", group, "pattern"]))
        let start = try #require(pattern.range(of: "+\\.("))
        let list = pattern[start.upperBound...].prefix { $0 != ")" }
        return Set(list.split(separator: "|").map { String($0.replacing(/\[[A-Z]([a-z])\]/, with: \.output.1)) })
    }

    @Test func theSchemaKnowsEveryExtensionThatTheCodeKnows() throws {
        let schema = try SchemaDocument("request.schema.json")
        let named = try Self.groups.reduce(into: Set<String>()) {
            try $0.formUnion(Self.extensions(of: $1, in: schema))
        }
        #expect(named == MediaExtensions.known)
    }

    @Test(arguments: MediaReference.Kind.allCases)
    func theSchemaRefusesForAKindWhatTheCodeRefuses(kind: MediaReference.Kind) throws {
        let schema = try SchemaDocument("request.schema.json")
        let references = schema.references(["$defs", "\(kind.rawValue)URL", "not", "anyOf"])
        let refused = try references.reduce(into: Set<String>()) { names, reference in
            try names.formUnion(Self.extensions(of: String(reference.trimmingPrefix("#/$defs/")), in: schema))
        }
        #expect(refused == MediaExtensions.known.filter { MediaExtensions.refuses($0, for: kind) })
    }
}

extension SchemaDocument {
    /// The string at that path.
    func text(_ path: [String]) -> String? { value(path) as? String }

    /// What the `$ref`s of the array at that path lead to.
    func references(_ path: [String]) -> [String] {
        (value(path) as? [[String: String]] ?? []).compactMap { $0["$ref"] }
    }
}
