/// Names the window that keeps a request waiting, in the words of the configuration.
package enum LimitName: String, Sendable, Hashable, CaseIterable {
    case messagesPerSecond = "limits.messagesPerSecond"
    case mediaPerSecond = "limits.mediaPerSecond"
    case privateRepliesPerHour = "limits.privateRepliesPerHour"
    case conversation = "limits.perConversation"
    case worker = "limits.worker"
}
