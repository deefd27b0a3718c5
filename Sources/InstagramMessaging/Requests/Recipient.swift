/// Who receives a message. Group conversations do not exist: one recipient per call.
public enum Recipient: Sendable, Hashable {
    /// A person, by the Instagram-scoped id that a webhook gave.
    case user(id: String)
    /// The author of a comment, as a private reply: one per comment, within 7 days of it.
    ///
    /// Text and quick replies reach everybody. Media, templates, stickers and shares are let through too, but Graph
    /// refuses them for people who do not follow the account. A comment on a live video has a limit of its own (100 a
    /// second instead of 750 an hour), which cannot be seen from its id.
    case comment(id: String, isLive: Bool = false)
}
