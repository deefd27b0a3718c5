/// What a request sends: a message of one of the documented kinds, or a sender action.
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
