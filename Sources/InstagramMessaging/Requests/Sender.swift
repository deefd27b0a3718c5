/// Who speaks in a message. The platform wants people to be told where it is a bot.
public enum Sender: String, Sendable, Hashable, CaseIterable {
    /// An automated experience; it may not use the tag `HUMAN_AGENT`.
    case bot
    /// A person.
    case human
}
