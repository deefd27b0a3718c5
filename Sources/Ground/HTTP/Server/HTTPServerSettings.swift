/// The limits of a server.
package struct HTTPServerSettings: Sendable {
    /// Connections at one time; more wait in the kernel until one ends.
    package var maxConnections = 256
    /// Bytes of a request's head: its first line and all headers together.
    package var maxHeadBytes = 16_384
    /// Bytes of its first line.
    package var maxRequestLineBytes = 8_192
    /// Headers of a request.
    package var maxHeaders = 100
    /// Bytes of a request's body, where the handler names no other limit.
    package var maxBodyBytes = 1_048_576
    /// Bytes of all extensions of a body's chunks together.
    package var maxChunkExtensionBytes = 1_024
    /// Time for a request's head, from its first byte on; for the first of a connection, from the connection's start on.
    package var headTimeout: Duration = .seconds(10)
    /// Time for a request's body, from the end of its head on.
    package var bodyTimeout: Duration = .seconds(30)
    /// Time between an answer and the next request. Longer than what the connection pools of load balancers keep (most
    /// of them 60 s), so that they close and no request crosses with the server's close.
    package var idleTimeout: Duration = .seconds(75)
    /// Time in which a client has to take ``minWrittenBytes`` of an answer, or the rest of it.
    package var writeTimeout: Duration = .seconds(30)
    package var minWrittenBytes = 4_096
    /// Unsent bytes above which no further request of the connection is looked at.
    package var highWaterMark = 65_536
    /// Unsent bytes below which it goes on.
    package var lowWaterMark = 16_384
    /// Time in which a client that was given its last answer may end its own side, and bytes that are read from it and
    /// dropped meanwhile: closed earlier, the kernel would reset the connection, and with it the answer on its way.
    package var lingerTimeout: Duration = .seconds(2)
    package var maxLingerBytes = 16_777_216
    /// Pause after the process has run out of descriptors.
    package var acceptPause: Duration = .milliseconds(200)

    package init() {}
}
