import Testing
import YAML

@testable import SendWorker

@Suite("A token file that is JSON and holds nothing else", .timeLimit(.minutes(1)))
struct PlainTokenFileTests {
    private func asYAML(_ text: String) throws -> TokenReading {
        let document = try YAMLDocument(Array(text.utf8))
        return try TokenFile(path: "tokens").reading(of: document.root)
    }

    @Test(
        "is read as YAML reads it",
        arguments: [
            "{}", #"{"1": "a"}"#, #" { "1" : "a" , "22":"b\n" } "#, #"{"1": {"token": "a"}}"#, #"{"1": "\u0061\/b"}"#,
            #"{"1": {"expires_at": "2030-01-02T03:04:05Z", "token": "a"}, "2": "b"}"#, #"{"1": "a#b", "01": "null"}"#,
        ]
    )
    func agreement(text: String) throws {
        let plain = try #require(TokenFile.plainReading(of: Array(text.utf8)))
        #expect(try plain == asYAML(text))
    }

    @Test(
        "is left to YAML where anything else stands in it, or something is wrong",
        arguments: [
            "", "1: a", #"{"1": a}"#, #"{"1": null}"#, #"{"1": 5}"#, #"{"1": ["a"]}"#, #"{"1": ""}"#, #"{"1": "a b"}"#,
            #"{"1": "a", "1": "b"}"#, #"{"x": "a"}"#, #"{"1": {"token": "a", "pathID": "7"}}"#,
            #"{"1": {"owner": "x"}}"#, #"{"1": {"token": "a", "expires_at": "soon"}}"#, #"{"1": "a"} x"#,
            #"["1", "a"]"#,
            #"{"1": {"token": "a", "expires_at": null}}"#, #"{"1": "Bearer a"}"#,
        ]
    )
    func others(text: String) { #expect(TokenFile.plainReading(of: Array(text.utf8)) == nil) }
}
