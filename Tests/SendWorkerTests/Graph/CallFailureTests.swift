import HTTP
import InstagramMessaging
import Testing

@testable import SendWorker

@Suite("Graph transport: words for failures")
struct CallFailureTests {
    private func failure(_ kind: HTTPCallFailure.Kind) -> CallFailure { CallFailure(HTTPCallFailure(kind)) }

    @Test("time-outs are told apart from an endpoint that is down, with the key to change")
    func categories() {
        #expect(failure(.responseTimeout(.milliseconds(1500))).reason == "no complete answer within 1500ms")
        #expect(failure(.responseTimeout(.seconds(30))).category == .timeout)
        #expect(failure(.poolTimeout).category == .timeout)
        #expect(failure(.poolTimeout).reason == "all connections were busy (worker.maxInFlight)")
        #expect(failure(.connectTimeout(.connection)).category == .endpointUnavailable)
        #expect(failure(.connectTimeout(.connection)).reason == "no connection in time (graph.connectTimeout)")
        #expect(
            failure(.connectTimeout(.handshake)).reason == "the TLS handshake took too long (graph.connectTimeout)"
        )
        #expect(failure(.closedByServer).category == .endpointUnavailable)
        #expect(failure(.closedByServer).reason == "the server closed the connection")
        #expect(failure(HTTPCallFailure.kind(errno: 104)).reason == "connection reset")
        #expect(failure(.answerTooLong(65_536)).reason == "the answer was longer than 65536 bytes")
        #expect(failure(.answerTooLong(65_536)).category == .graphError)
        #expect(failure(.shutDown).reason == "the worker is shutting down")
    }
}
