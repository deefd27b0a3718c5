/// The bounds within which messages are read.
package struct HTTPLimits: Sendable {
    /// All bytes before a message's body, those of its 1xx responses and of its trailers together.
    package var headBytes = 32_768
    /// The first line of a request; never more than `headBytes`.
    package var requestLineBytes = 8_192
    /// All fields (headers) of a message, those of its 1xx responses and its trailers together.
    package var fieldCount = 100
    /// The 1xx responses before a response.
    package var interimResponses = 16
    /// The body, without the framing of its chunks.
    package var bodyBytes = 1_048_576
    /// All extensions of a body's chunks together.
    package var chunkExtensionBytes = 1_024

    package init() {}
}
