import Foundation
import Testing

@testable import GraphSimulator

@Suite(.timeLimit(.minutes(1))) struct PipeliningTests {
    /// Sends bytes over one connection and reads until that many answers have come or the connection ends.
    private func exchange(_ text: String, with live: LiveSimulator, answers: Int) async throws -> String {
        let port = try await live.simulator.port()
        return try await withCheckedThrowingContinuation { continuation in
            // It blocks, so it has a thread of its own.
            Thread.detachNewThread {
                continuation.resume(with: Result { try Self.exchange(text, port: port, answers: answers) })
            }
        }
    }

    private static func exchange(_ text: String, port: Int, answers: Int) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        _ = send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL))
        var received = ""
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while received.ranges(of: "HTTP/1.1 ").count < answers || !received.hasSuffix("}") && !received.hasSuffix("}\n")
        {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
            guard count > 0 else { break }
            received += String(decoding: buffer.prefix(count), as: UTF8.self)
        }
        return received
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
            let error = await #expect(throws: POSIXError.self) { try await exchange(call("a"), with: live, answers: 1) }
            #expect(error?.code == .ECONNRESET)
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
