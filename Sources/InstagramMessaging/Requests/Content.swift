/// The content of a request: a message of one of the documented kinds, or a sender action.
public enum Content: Sendable, Hashable {
    /// Text, with or without links: 1 to 1000 UTF-8 bytes.
    case text(String)
    /// Text (1 to 1000 UTF-8 bytes) with up to 13 buttons that the person can answer with.
    case quickReplies(text: String, replies: [QuickReply])
    /// A PNG, JPEG or GIF image of at most 8 MB.
    case image(MediaSource)
    /// An AAC, M4A, WAV or MP4 recording of at most 25 MB.
    case audio(MediaSource)
    /// An MP4, OGG, AVI, MOV or WebM video of at most 25 MB; fetched within 75 s where Graph fetches it.
    case video(MediaSource)
    /// A PDF file of at most 25 MB.
    case file(MediaSource)
    /// 1 to 10 images in one message; fetched ones and uploaded ones may be mixed.
    case images([MediaSource])
    /// The heart sticker, the only one there is.
    case sticker
    /// A post of the sending account.
    case share(SharedPost)
    /// 1 to 10 cards, shown side by side.
    case genericTemplate([GenericElement])
    /// Text of up to 640 characters with 1 to 3 buttons below.
    case buttonTemplate(text: String, buttons: [Button])
    /// 1 to 10 products of the account's catalogue, by their ids. Facebook Login only.
    case productTemplate(productIDs: [String])
    /// A reaction to a message of the conversation.
    case reaction(messageID: String, Reaction)
    /// Takes the reaction to a message back.
    case unreact(messageID: String)
    /// Shows or hides "typing…".
    case typing(isOn: Bool)
    /// Marks the conversation as read.
    case seen
}

/// The source from which Graph takes the file of a message.
public enum MediaSource: Sendable, Hashable {
    /// An absolute `http` or `https` URL that Graph fetches. A reusable upload can be sent again: Graph's answer names its
    /// `attachment_id`.
    case url(String, isReusable: Bool = false)
    /// A file that was uploaded before, by the id that Graph gave it. Nothing about it is checked before the call.
    case uploaded(attachmentID: String)
}

/// A post of the sending account.
public enum SharedPost: Sendable, Hashable {
    /// By its media id.
    case post(id: String)
    /// By the id of an upload.
    case uploaded(attachmentID: String)
}

extension Content {
    /// A PNG, JPEG or GIF image of at most 8 MB that Graph fetches.
    public static func image(url: String) -> Content { .image(.url(url)) }

    /// An AAC, M4A, WAV or MP4 recording of at most 25 MB that Graph fetches.
    public static func audio(url: String) -> Content { .audio(.url(url)) }

    /// An MP4, OGG, AVI, MOV or WebM video of at most 25 MB that Graph fetches within 75 s.
    public static func video(url: String) -> Content { .video(.url(url)) }

    /// A PDF file of at most 25 MB that Graph fetches.
    public static func file(url: String) -> Content { .file(.url(url)) }

    /// 1 to 10 images in one message, all of which Graph fetches.
    public static func images(urls: [String]) -> Content { .images(urls.map { .url($0) }) }

    /// A post of the sending account, by its media id.
    public static func share(postID: String) -> Content { .share(.post(id: postID)) }
}

/// One of the answers offered under a text. A message has at most 13.
public enum QuickReply: Sendable, Hashable {
    /// A button with a title of 1 to 20 characters; `payload` (up to 1000 characters) comes back with the webhook.
    case text(title: String, payload: String)
}

/// A card of a generic template: a title and at least one property besides it.
public struct GenericElement: Sendable, Hashable {
    /// 1 to 80 characters.
    public var title: String
    /// 1 to 80 characters.
    public var subtitle: String?
    /// An absolute `http` or `https` URL.
    public var imageURL: String?
    /// The web page that a tap on the card opens; an absolute `http` or `https` URL.
    public var defaultActionURL: String?
    /// Up to 3 buttons.
    public var buttons: [Button]

    /// Creates a card.
    public init(
        title: String,
        subtitle: String? = nil,
        imageURL: String? = nil,
        defaultActionURL: String? = nil,
        buttons: [Button] = []
    ) {
        self.title = title
        self.subtitle = subtitle
        self.imageURL = imageURL
        self.defaultActionURL = defaultActionURL
        self.buttons = buttons
    }
}

/// A button of a template.
public enum Button: Sendable, Hashable {
    /// Opens a web page. The title has 1 to 20 characters, the URL is absolute, `http` or `https`.
    case webURL(title: String, url: String)
    /// Sends its payload (1 to 1000 characters) back to the webhook. The title has 1 to 20 characters.
    case postback(title: String, payload: String)
}

/// A reaction to a message.
public enum Reaction: Sendable, Hashable {
    /// The heart, written `love`.
    case love
    /// One emoji. A character that is no emoji breaks the rule `reaction.form`.
    case emoji(Character)

    /// The value as Graph takes it.
    public var graphValue: String {
        switch self {
        case .love: "love"
        case .emoji(let character): String(character)
        }
    }
}
