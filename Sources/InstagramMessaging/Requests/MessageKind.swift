/// The kind of a request in one word, for metrics and reports.
public enum MessageKind: String, Sendable, Hashable, CaseIterable {
    case text
    case quickReplies = "quick_replies"
    case image
    case audio
    case video
    case file
    case images
    case sticker
    case share
    case genericTemplate = "generic_template"
    case buttonTemplate = "button_template"
    case productTemplate = "product_template"
    case reaction
    case unreact
    case typing
    case seen

    /// True for the sender actions, which carry no message: Graph gives no message id for them, and repeating one does
    /// no harm.
    public var isSenderAction: Bool {
        switch self {
        case .reaction, .unreact, .typing, .seen: true
        default: false
        }
    }
}

extension Content {
    /// The kind in one word.
    public var kind: MessageKind {
        switch self {
        case .text: .text
        case .quickReplies: .quickReplies
        case .image: .image
        case .audio: .audio
        case .video: .video
        case .file: .file
        case .images: .images
        case .sticker: .sticker
        case .share: .share
        case .genericTemplate: .genericTemplate
        case .buttonTemplate: .buttonTemplate
        case .productTemplate: .productTemplate
        case .reaction: .reaction
        case .unreact: .unreact
        case .typing: .typing
        case .seen: .seen
        }
    }
}
