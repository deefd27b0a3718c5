/// One of the answers offered under a text. A message has at most 13.
public enum QuickReply: Sendable, Hashable {
    /// A button with a title of 1 to 20 characters; `payload` (up to 1000 characters) comes back with the webhook.
    case text(title: String, payload: String)
}
