import NIOCore
import NIOPosix
import Testing

@testable import GraphSimulator

@Suite(.timeLimit(.minutes(1))) struct PipeliningTests {
    /// Sends bytes over one connection and reads until that many answers have come or the connection ends.
    private func exchange(_ text: String, with live: LiveSimulator, answers: Int) async throws -> String {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: try await live.simulator.port()) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            var received = ""
            for try await bytes in inbound {
                received += String(buffer: bytes)
                if received.ranges(of: "HTTP/1.1 ").count >= answers,
                    received.hasSuffix("}") || received.hasSuffix("}\n")
                {
                    break
                }
            }
            return received
        }
    }

    private func call(_ text: String, extra: String = "") -> String {
        let body = textBody(text)
        return "POST /v23.0/\(account)/messages HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer t\r\n"
            + "Content-Type: application/json\r\n\(extra)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test func `answers pipelined calls and control requests in their order`() async throws {
        try await LiveSimulator.run { live async throws in
            let health = "GET /_simulator/health HTTP/1.1\r\nHost: h\r\n\r\n"
            let received = try await exchange(call("a") + health + call("b") + health, with: live, answers: 4)
            let kinds = received.ranges(of: #/recipient_id|"status":"ok"/#).map { received[$0] }
            #expect(kinds == ["recipient_id", #""status":"ok""#, "recipient_id", #""status":"ok""#])
            #expect(live.simulator.calls().map(\.marker) == ["a", "b"])
        }
    }

    @Test func `closes the connection where the client asks for it`() async throws {
        try await LiveSimulator.run { live async throws in
            let received = try await exchange(call("a", extra: "Connection: close\r\n"), with: live, answers: 2)
            #expect(received.contains("Connection: close"))
            #expect(received.hasSuffix("}"))
        }
    }

    @Test func `sees a reset as a reset`() async throws {
        try await LiveSimulator.run { live async throws in
            try live.simulator.addFault(SimulatorFault(.resetAfterBody))
            let error = await #expect(throws: IOError.self) { try await exchange(call("a"), with: live, answers: 1) }
            #expect(error?.errnoCode == 104 || error?.errnoCode == 54)
        }
    }

    @Test func `answers bytes that are not HTTP and lives on`() async throws {
        try await LiveSimulator.run { live async throws in
            let received = try await exchange("nonsense\r\n\r\n", with: live, answers: 1)
            #expect(received.hasPrefix("HTTP/1.1 400"))
            #expect(try await live.send(textBody("a")).status == 200)
        }
    }
}
