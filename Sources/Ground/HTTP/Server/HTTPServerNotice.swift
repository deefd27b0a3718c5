/// Something that whoever runs a server may want to know, worth one line of a log.
package enum HTTPServerNotice: Hashable, Sendable {
    /// No connection can be accepted for want of descriptors or memory; told once until one could be again.
    case acceptPaused(errno: Int32)
    /// A client speaks TLS where plain HTTP is served.
    case tlsOnPlainPort
    /// A client speaks HTTP/2 with prior knowledge.
    case http2OnPlainPort
    /// A handler's answer cannot be sent as it is.
    case invalidResponse(reason: String)

    /// The notice in words.
    package var words: String {
        switch self {
        case .acceptPaused(let errno):
            "no connection can be accepted (errno \(errno): no descriptor or memory is free); trying again"
        case .tlsOnPlainPort: "a client speaks TLS to this port, which serves plain HTTP; write http:// in its URL"
        case .http2OnPlainPort: "a client speaks HTTP/2 to this port, which serves HTTP/1.1"
        case .invalidResponse(let reason): "an answer was replaced by 500: \(reason)"
        }
    }
}
