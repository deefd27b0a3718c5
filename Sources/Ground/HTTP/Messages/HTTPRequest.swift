package import HTTPCodec

/// A request of the asynchronous client.
package struct HTTPRequest: Sendable {
    package var method: HTTPMethod
    /// An `http` or `https` URL. It appears in no message: it may hold a secret.
    package var url: String
    /// All but `Host` and `Content-Length`, which are added.
    package var headers: HTTPHeaders
    /// Nil where the request has none, also no empty one.
    package var body: [UInt8]?

    package init(
        method: HTTPMethod = .get,
        url: String,
        headers: HTTPHeaders = HTTPHeaders(),
        body: [UInt8]? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// A complete, final response.
package struct HTTPResponse: Sendable {
    package var status: Int
    /// As they came: a `Content-Encoding` of gzip or deflate is undone in the body all the same.
    package var headers: HTTPHeaders
    package var body: [UInt8]

    package init(status: Int, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
