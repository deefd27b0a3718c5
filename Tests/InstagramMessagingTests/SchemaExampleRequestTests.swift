import Foundation
import InstagramMessaging
import Testing

@Suite("Example requests of the schemas folder")
struct SchemaExampleRequestTests {
    /// 2025-06-30T12:00:00Z; the examples' moments lie far after it.
    private let now = Timestamp(millisecondsSinceEpoch: 1_751_284_800_000)

    @Test("Every example is accepted, and its Graph body is the record without the envelope")
    func accepted() throws {
        let files = try SchemaExamples.files(in: "requests")
        #expect(!files.isEmpty)
        let envelope = [
            "request_id", "account_id", "last_inbound_at", "window_expires_at", "expires_at", "sender", "comment",
            "delivery", "context",
        ]
        for file in files {
            guard case .accepted(let accepted) = RequestDecoder().decode(file.bytes, now: now) else {
                Issue.record("\(file) was not accepted: \(RequestDecoder().decode(file.bytes, now: now))")
                continue
            }
            let record = try JSONSerialization.jsonObject(with: Data(file.bytes)) as? [String: Any]
            let body = try JSONSerialization.jsonObject(with: Data(accepted.graphBody)) as? NSDictionary
            let expected = record?.filter { !envelope.contains($0.key) } as NSDictionary?
            #expect(body != nil && body == expected, "\(file)")
        }
    }

    @Test("There is an example for every kind of message")
    func completeness() throws {
        let kinds = try SchemaExamples.files(in: "requests").compactMap { file -> MessageKind? in
            guard case .accepted(let accepted) = RequestDecoder().decode(file.bytes, now: now) else { return nil }
            return accepted.request.kind
        }
        #expect(Set(kinds) == Set(MessageKind.allCases))
    }
}
