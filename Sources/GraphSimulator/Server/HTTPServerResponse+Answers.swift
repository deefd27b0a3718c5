import HTTP
import HTTPCodec

extension HTTPServerResponse {
    /// An answer of Graph.
    init(_ answer: HTTPAnswer) {
        self.init(
            status: answer.status,
            headers: ["Content-Type": answer.contentType],
            body: answer.body,
            isDated: false
        )
        for (name, value) in answer.headers.sorted(by: { $0.key < $1.key }) { headers.add(name, value) }
    }

    /// An answer of the control interface.
    static func json(_ value: JSONNode, status: Int = 200) -> HTTPServerResponse {
        HTTPServerResponse(
            status: status,
            headers: ["Content-Type": "application/json; charset=utf-8"],
            body: value.encoded + [0x0A]
        )
    }

    /// Newline-delimited JSON.
    static func lines(_ values: [JSONNode]) -> HTTPServerResponse {
        var bytes: [UInt8] = []
        for value in values {
            value.write(to: &bytes)
            bytes.append(0x0A)
        }
        return HTTPServerResponse(
            status: 200,
            headers: ["Content-Type": "application/x-ndjson"],
            body: bytes
        )
    }
}
