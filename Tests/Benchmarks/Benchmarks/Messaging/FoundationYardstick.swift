import Foundation

/// A record as plain structs for `JSONDecoder`: what a worker would use that trusts Foundation with everything. Nothing
/// is checked but types, and nothing can be handed on byte for byte. The names are those of the JSON, so that no
/// conversion of names is measured.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct CodableEnvelope: Decodable {
    struct Recipient: Decodable {
        var id: String?
        var comment_id: String?
    }

    struct Message: Decodable {
        var text: String?
        var quick_replies: [QuickReply]?
        var attachment: Attachment?
        var attachments: [Attachment]?
    }

    struct QuickReply: Decodable {
        var content_type: String
        var title: String?
        var payload: String?
    }

    struct ReplyTo: Decodable {
        var mid: String
    }

    struct Attachment: Decodable {
        var type: String
        var payload: AttachmentPayload?
    }

    struct AttachmentPayload: Decodable {
        var url: String?
        var id: String?
        var template_type: String?
        var text: String?
        var elements: [Element]?
        var buttons: [TemplateButton]?
    }

    struct Element: Decodable {
        var title: String
        var subtitle: String?
        var image_url: String?
        var default_action: TemplateButton?
        var buttons: [TemplateButton]?
    }

    struct TemplateButton: Decodable {
        var type: String
        var url: String?
        var title: String?
        var payload: String?
    }

    struct ActionPayload: Decodable {
        var message_id: String?
        var reaction: String?
    }

    /// Free for callers to fill, so nothing of it has a name here.
    struct Context: Decodable {}

    var request_id: String
    var account_id: String
    var recipient: Recipient
    var reply_to: ReplyTo?
    var messaging_type: String?
    var tag: String?
    var sender_action: String?
    var message: Message?
    var payload: ActionPayload?
    var last_inbound_at: String?
    var expires_at: String?
    var delivery: String?
    var context: Context?
}

/// Foundation's ways to read a record.
struct FoundationYardstick {
    private let decoder = JSONDecoder()
    private let data: Data

    init(_ bytes: [UInt8]) {
        data = Data(bytes)
    }

    func decode() throws -> CodableEnvelope { try decoder.decode(CodableEnvelope.self, from: data) }

    func deserialize() throws -> Any { try JSONSerialization.jsonObject(with: data) }
}
