/// How a message is reacted to.
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
