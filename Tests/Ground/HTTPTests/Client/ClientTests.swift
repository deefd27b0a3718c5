import Testing

/// The client against real sockets. One test after the other: each has threads of its own, and some measure time.
@Suite("HTTP client", .serialized) enum ClientTests {}
