import AsyncHTTPClient
import InstagramMessaging
import NIOCore
import Testing

@testable import SendWorker

@Suite("Graph transport: words for failures")
struct CallFailureTests {
    private struct Chatty: Error, CustomStringConvertible {
        var description: String { "Bearer \(TransportFixture.token)" }
    }

    @Test("an error that carries a token is not quoted")
    func redaction() {
        let errors: [any Error] = [
            HTTPClientError.invalidHeaderFieldValues(["Bearer \(TransportFixture.token)"]),
            HTTPClientError.invalidHeaderFieldNames([TransportFixture.token]),
            Chatty(),
        ]
        for error in errors {
            let failure = CallFailure(error, responseTimeout: .seconds(30))
            #expect(!failure.reason.isEmpty)
            #expect(!failure.reason.contains(TransportFixture.token))
        }
    }

    @Test("time-outs are told apart from an endpoint that is down, with the key to change")
    func categories() {
        func failure(_ error: any Error) -> CallFailure { CallFailure(error, responseTimeout: .milliseconds(1500)) }
        #expect(failure(GraphExchange.ResponseTimeout()).reason == "no complete answer within 1500ms")
        #expect(failure(GraphExchange.ResponseTimeout()).category == .timeout)
        #expect(failure(HTTPClientError.getConnectionFromPoolTimeout).category == .timeout)
        #expect(failure(HTTPClientError.connectTimeout).category == .endpointUnavailable)
        #expect(failure(HTTPClientError.connectTimeout).reason.contains("graph.connectTimeout"))
        #expect(failure(HTTPClientError.remoteConnectionClosed).category == .endpointUnavailable)
        #expect(failure(IOError(errnoCode: 104, reason: "read")).reason == "connection reset")
    }
}
