import ArgumentParser
import SendWorker

/// `send-worker schema`: the published documents.
struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Print a published schema; without a name, list what there is.",
        discussion: """
            The documents are those of this binary's version; no network and no other file is needed.

              send-worker schema request > request.schema.json
            """
    )

    @Argument(
        help: ArgumentHelp(
            "One of \(PublishedDocument.all.map(\.name).joined(separator: ", ")).",
            valueName: "name"
        )
    )
    var name: String?

    func run() async throws {
        guard let name else { return Terminal.write(Self.list) }
        guard let document = PublishedDocument.all.first(where: { $0.name == name }) else {
            let known = PublishedDocument.all.map(\.name).joined(separator: ", ")
            throw WorkerFailure(.configuration, "there is no schema \"\(name)\"; there are: \(known)")
        }
        Terminal.write(document.text)
    }

    private static var list: String {
        let width = PublishedDocument.all.map(\.name.count).max() ?? 0
        return PublishedDocument.all.reduce(into: "") { text, document in
            let gap = String(repeating: " ", count: width - document.name.count + 2)
            text += document.name + gap + document.summary + "\n"
        }
    }
}
