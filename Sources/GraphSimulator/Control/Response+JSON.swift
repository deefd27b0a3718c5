import Hummingbird

extension Response {
    static func json(_ value: JSONNode, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: value.encoded + [0x0A]))
        )
    }

    /// Newline-delimited JSON.
    static func lines(_ values: [JSONNode]) -> Response {
        var bytes: [UInt8] = []
        for value in values {
            value.write(to: &bytes)
            bytes.append(0x0A)
        }
        return Response(
            status: .ok,
            headers: [.contentType: "application/x-ndjson"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }
}
