/// A document of the repository's `schemas` folder, as the binary carries it.
///
/// The texts are Swift source rather than resources: those would be a folder beside the binary, which a copy of the binary
/// alone would miss. `Tests/Tools/embed-schemas` writes them anew.
struct PublishedDocument {
    /// Its name for `send-worker schema`.
    let name: String
    /// The subject, in one line.
    let summary: String
    /// Byte for byte the file of the `schemas` folder.
    let text: String

    static let all = [
        PublishedDocument(
            name: "request",
            summary: "a record of instagram.send.requests (JSON Schema 2020-12)",
            text: request
        ),
        PublishedDocument(
            name: "request-types",
            summary: "the same record for type generators: named objects, unions, no conditions (JSON Schema 2020-12)",
            text: requestTypes
        ),
        PublishedDocument(
            name: "result",
            summary: "a record of instagram.send.results (JSON Schema 2020-12)",
            text: result
        ),
        PublishedDocument(
            name: "dead-letter-headers",
            summary: "the headers of a record of instagram.send.dead-letters (JSON Schema 2020-12)",
            text: deadLetterHeaders
        ),
        PublishedDocument(
            name: "asyncapi",
            summary: "topics, keys and messages together (AsyncAPI 3, YAML)",
            text: asyncAPI
        ),
    ]
}
