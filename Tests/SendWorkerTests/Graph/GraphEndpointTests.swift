import HTTP
import Testing

@testable import SendWorker

@Suite("Graph endpoint")
struct GraphEndpointTests {
    @Test(
        "both hosts take the same call: only the base URL differs",
        arguments: [
            (
                "https://graph.instagram.com", "https://graph.instagram.com/v23.0/178/messages",
                "graph.instagram.com:443"
            ),
            ("https://graph.facebook.com", "https://graph.facebook.com/v23.0/178/messages", "graph.facebook.com:443"),
            ("https://graph.facebook.com/", "https://graph.facebook.com/v23.0/178/messages", "graph.facebook.com:443"),
            ("http://127.0.0.1:8090", "http://127.0.0.1:8090/v23.0/178/messages", "127.0.0.1:8090"),
        ]
    )
    func hosts(baseURL: String, messages: String, name: String) throws {
        let endpoint = try GraphEndpoint(baseURL: baseURL, version: "v23.0")
        let base = "\(endpoint.origin.scheme.rawValue)://\(endpoint.origin.hostHeader)"
        func url(proof: String?) -> String {
            var target: [UInt8] = []
            GraphRoutes.Route(endpoint: endpoint, pathID: "178", proof: proof).writeTarget(into: &target)
            return base + String(decoding: target, as: UTF8.self)
        }
        #expect(url(proof: nil) == messages)
        #expect(url(proof: "ab") == messages + "?appsecret_proof=ab")
        #expect(endpoint.name == name)
    }
}
