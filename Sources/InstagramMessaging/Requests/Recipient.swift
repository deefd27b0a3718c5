/// Who receives a message. Group conversations do not exist: one recipient per call.
public enum Recipient: Sendable, Hashable {
    /// A person, by the Instagram-scoped id that a webhook gave.
    case user(id: String)
    /// The author of a comment, as a private reply: one per comment, within 7 days of it.
    ///
    /// Text and quick replies reach everybody. Media, templates, stickers and shares are let through too, but Graph
    /// refuses them for people who do not follow the account.
    case comment(id: String)
}
