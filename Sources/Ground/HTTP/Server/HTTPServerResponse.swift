package import HTTPCodec

/// An answer to a request.
package struct HTTPServerResponse: Sendable {
    package var status: Int
    /// The headers, in the order in which they are sent. `Date` and `Connection` follow them.
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// Whether the answer gets a header `Date`.
    package var isDated: Bool

    /// `Content-Length` stands behind the headers given here, so those added later follow it. Its value is always that of
    /// the body sent.
    package init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = [], isDated: Bool = true) {
        self.status = status
        self.headers = headers
        self.body = body
        self.isDated = isDated
        self.headers.set("Content-Length", "")
    }

    /// A short text, for people.
    package static func text(status: Int, _ text: String) -> HTTPServerResponse {
        HTTPServerResponse(
            status: status,
            headers: ["Content-Type": "text/plain; charset=utf-8"],
            body: Array((text + "\n").utf8)
        )
    }
}

extension HTTPServerResponse {
    /// The answer as it goes out; without a body where the request or the status forbids one.
    func bytes(to request: HTTPServerRequest?, keepsAlive: Bool, date: String) throws(HTTPWriteError) -> [UInt8] {
        let isBodiless = status < 200 || status == 204 || status == 304
        var bytes = Array("HTTP/1.1 \(status) \(HTTPStatus.reason(status))\r\n".utf8)
        for (name, value) in headers {
            switch name.lowercased() {
            case "content-length":
                if !isBodiless { try HTTPWriter.appendField("Content-Length", String(body.count), to: &bytes) }
            // They follow from the connection, and there is no other framing.
            case "connection", "transfer-encoding": break
            default: try HTTPWriter.appendField(name, value, to: &bytes)
            }
        }
        if isDated { try HTTPWriter.appendField("Date", date, to: &bytes) }
        if !keepsAlive { try HTTPWriter.appendField("Connection", "close", to: &bytes) }
        if keepsAlive, request?.minorVersion == 0 { try HTTPWriter.appendField("Connection", "keep-alive", to: &bytes) }
        bytes.append(contentsOf: "\r\n".utf8)
        if request?.method != .head, !isBodiless { bytes.append(contentsOf: body) }
        return bytes
    }
}
