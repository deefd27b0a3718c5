import CommandLineParser
import Foundation
import InstagramMessaging

/// One of the project's example requests.
struct ExampleRequest {
    /// The name of its file without the extension.
    var name: String
    /// The record as it stands in the file.
    var bytes: [UInt8]
    /// What the decoder makes of it.
    var accepted: AcceptedRequest

    /// The moment at which every example keeps the rules: before the deadlines that some of them have.
    static let now = Timestamp(millisecondsSinceEpoch: 1_750_000_000_000)

    /// Reads all examples of a folder in the order of their names.
    static func load(from folder: String) throws -> [ExampleRequest] {
        guard let files = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw UsageError(
                "there is no folder \"\(folder)\"; run from the root of the project or pass --examples <folder>"
            )
        }
        let names = files.filter { $0.hasSuffix(".json") }.sorted()
        guard !names.isEmpty else {
            throw UsageError("the folder \"\(folder)\" holds no .json file")
        }
        return try names.map { try ExampleRequest(file: $0, in: folder) }
    }

    private init(file: String, in folder: String) throws {
        let path = URL(fileURLWithPath: folder).appendingPathComponent(file)
        bytes = [UInt8](try Data(contentsOf: path))
        name = String(file.dropLast(".json".count))
        switch RequestDecoder().decode(bytes, now: Self.now) {
        case .accepted(let request): accepted = request
        case .rejected(let rejected):
            throw UsageError("\(path.path) is no valid request: \(rejected.error.message)")
        }
    }
}

extension ExampleRequest {
    /// The result that this request has once Graph has taken it.
    var result: SendResult {
        let request = accepted.request
        return SendResult(
            requestID: request.requestID,
            accountID: request.accountID,
            recipientID: request.recipientID,
            status: .sent,
            messageID: request.expectsMessageID ? ExampleAnswer.messageID : nil,
            attempts: 1,
            possibleDuplicate: false,
            error: nil,
            receivedAt: Self.now,
            completedAt: Self.now.adding(milliseconds: 250),
            source: SendResult.Source(topic: "instagram.send.requests", partition: 7, offset: 1_234_567),
            context: request.context
        )
    }
}
