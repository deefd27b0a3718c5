import Foundation
import InstagramMessaging
import Testing

@Suite("Example results of the schemas folder")
struct SchemaExampleResultTests {
    @Test("Every example reads as a result and is written back with the same members and values")
    func roundTrip() throws {
        let files = try SchemaExamples.files(in: "results")
        #expect(!files.isEmpty)
        for file in files {
            let result = try SendResult(decoding: file.bytes)
            let original = try JSONSerialization.jsonObject(with: Data(file.bytes)) as? NSDictionary
            let written = try JSONSerialization.jsonObject(with: Data(result.encodedRecord())) as? NSDictionary
            #expect(original != nil && original == written, "\(file)")
        }
    }

    @Test("There is an example for every status")
    func completeness() throws {
        let statuses = try SchemaExamples.files(in: "results").map { try SendResult(decoding: $0.bytes).status }
        #expect(Set(statuses) == Set(SendResult.Status.allCases))
    }

    @Test("The schema names exactly the statuses and categories that exist, and the headers that are written")
    func schemaWords() throws {
        let result = try SchemaDocument("result.schema.json")
        let headers = try SchemaDocument("dead-letter-headers.schema.json")
        let categories = Set(ErrorCategory.allCases.map(\.rawValue))
        #expect(result.words(["properties", "status", "enum"]) == Set(SendResult.Status.allCases.map(\.rawValue)))
        #expect(result.words(["$defs", "error", "properties", "category", "enum"]) == categories)
        #expect(headers.words(["properties", "dlq-category", "enum"]) == categories)
        #expect(
            headers.words(["properties", "dlq-status", "enum"])
                == Set(SendResult.Status.allCases.filter { $0 != .sent }.map(\.rawValue))
        )
        let documented = headers.names(["properties"]).filter { $0.hasPrefix("dlq-") }
        #expect(Set(documented) == Set(DeadLetterHeaders.names))
    }
}
