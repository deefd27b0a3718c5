/// The declared purpose of a message: Graph's `messaging_type` and, for a human agent, its `tag`.
public enum MessagingType: Sendable, Hashable, CaseIterable {
    /// An answer to the person (`RESPONSE`).
    case response
    /// A message of the account's own accord within the window (`UPDATE`).
    case update
    /// An answer by a human agent (`MESSAGE_TAG` with the tag `HUMAN_AGENT`, the only one left): the window is 7 days
    /// instead of 24 hours.
    case humanAgent
}
