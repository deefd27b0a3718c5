package import HTTPCodec
package import Reactor

/// A request as a server got it.
package struct HTTPServerRequest: Sendable {
    package let method: HTTPMethod
    package let target: HTTPTarget
    /// The target's path, its percent escapes resolved once; `*` for the whole server.
    package let path: String
    /// 1 for HTTP/1.1, 0 for HTTP/1.0.
    package let minorVersion: Int
    /// The host, with a port where there is one, that the request is for; nil where an HTTP/1.0 client names none.
    package let authority: String?
    package let headers: HTTPHeaders
    /// Empty while only the head has come.
    package internal(set) var body: [UInt8] = []
    package let remoteAddress: SocketAddress?

    /// The text behind the question mark, as it came.
    package var query: String { target.query ?? "" }
}
