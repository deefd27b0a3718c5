import CommandLineParser
import SendWorker

/// `send-worker schema`: the published documents.
struct SchemaCommand: Command {
    private static let name = Argument<String?>(
        "name",
        help: "One of \(PublishedDocument.all.map(\.name).joined(separator: ", ")).",
        completion: .list(PublishedDocument.all.map(\.name))
    )

    static let declaration = CommandDeclaration(
        "schema",
        summary: "Print a published schema; without a name, list what there is.",
        discussion: """
            The documents are those of this binary's version; no network and no other file is needed.

              send-worker schema request > request.schema.json
            """,
        parameters: [name],
        command: SchemaCommand.init
    )

    private let name: String?

    init(_ values: ParsedValues) {
        name = values[Self.name]
    }

    func run() async throws {
        guard let name else { return try Terminal.write(Self.list) }
        guard let document = PublishedDocument.all.first(where: { $0.name == name }) else {
            let known = PublishedDocument.all.map(\.name).joined(separator: ", ")
            throw WorkerFailure(.configuration, "there is no schema \"\(name)\"; there are: \(known)")
        }
        try Terminal.write(document.text)
    }

    private static var list: String {
        let width = PublishedDocument.all.map(\.name.count).max() ?? 0
        return PublishedDocument.all.reduce(into: "") { text, document in
            let gap = String(repeating: " ", count: width - document.name.count + 2)
            text += document.name + gap + document.summary + "\n"
        }
    }
}
