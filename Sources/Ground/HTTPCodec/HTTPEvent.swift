/// The meaning of the next bytes of a connection.
package enum HTTPEvent: Hashable, Sendable {
    /// All bytes are read; nothing more can be said before others come.
    case needMore
    /// A whole 1xx response, which is dropped: the final one is still to come.
    case interim(status: Int)
    /// The parser's `head` is whole.
    case head
    /// Bytes of the body, as a range of the bytes that were given.
    case body(Range<Int>)
    /// The message is whole.
    case end
}

/// The meaning of the end of a connection for the message that is being read.
package enum HTTPConnectionEnd: Hashable, Sendable {
    /// No byte of a further message had come.
    case betweenMessages
    /// It ends the body: a response that names no length. Whether it is whole, only the layer below can know.
    case endsBody
    /// The message is not whole.
    case cutsMessage
}
