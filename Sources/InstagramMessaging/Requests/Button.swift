/// A button of a template.
public enum Button: Sendable, Hashable {
    /// Opens a web page. The title has 1 to 20 characters, the URL is absolute, `http` or `https`.
    case webURL(title: String, url: String)
    /// Sends its payload (1 to 1000 characters) back to the webhook. The title has 1 to 20 characters.
    case postback(title: String, payload: String)
}
