import Foundation
import HTTP
import Reactor
import Synchronization
import Testing

@testable import SendWorker

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

@Suite(.timeLimit(.minutes(1)))
struct RefreshCallTests {
    /// A plain socket that answers one call with these bytes, and what it was sent.
    private final class OneAnswer: Sendable {
        let port: UInt16
        let request = Mutex("")
        private let listener: Int32

        /// - Parameter answer: Nil closes the socket at once, so that nobody is there.
        init(_ answer: String?) throws {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            #if canImport(Glibc)
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            #else
            let listener = socket(AF_INET, SOCK_STREAM, 0)
            #endif
            let isListening = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(listener, $0, length) == 0 && listen(listener, 4) == 0
                        && getsockname(listener, $0, &length) == 0
                }
            }
            try #require(isListening)
            self.listener = listener
            port = UInt16(bigEndian: address.sin_port)
            guard let answer else {
                close(listener)
                return
            }
            Thread.detachNewThread { self.serve(answer) }
        }

        private func serve(_ answer: String) {
            let connection = accept(listener, nil, nil)
            var (received, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
            while !received.suffix(4).elementsEqual("\r\n\r\n".utf8) {
                let count = read(connection, &buffer, buffer.count)
                guard count > 0 else { break }
                received += buffer[..<count]
            }
            request.withLock { $0 = String(decoding: received, as: UTF8.self) }
            let bytes = Array(answer.utf8)
            _ = write(connection, bytes, bytes.count)
            close(connection)
            close(listener)
        }
    }

    private func ask(_ server: OneAnswer, for token: String) async throws -> RefreshAnswer {
        let reactor = try Reactor(name: "refresh-test")
        let client = HTTPClient(reactor: reactor)
        let url = "http://127.0.0.1:\(server.port)/graph"
        let answer = await RefreshCall(client: client).ask(for: AccessToken(token), at: url)
        await client.shutdown()
        await reactor.shutdown()
        return answer
    }

    @Test func `the token goes into the query, and the answer's token comes back`() async throws {
        let body = #"{"access_token":"new","token_type":"bearer","expires_in":5183944}"#
        let server = try OneAnswer("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        let answer = try await ask(server, for: "a|b&c")
        #expect(answer == .refreshed(AccessToken("new"), lifetime: 5_183_944))
        let head = server.request.withLock { $0 }.lowercased()
        #expect(
            head.hasPrefix(
                "get /graph/refresh_access_token?grant_type=ig_refresh_token&access_token=a%7cb%26c http/1.1\r\n"
            )
        )
        #expect(head.contains("\r\naccept: application/json\r\n"))
        #expect(head.contains("\r\nuser-agent: instagram-send-worker\r\n"))
    }

    @Test func `what came of no answer holds neither URL nor token`() async throws {
        #expect(try await ask(try OneAnswer(nil), for: "hush") == .failed("connection refused"))
        #expect(try await ask(try OneAnswer(""), for: "hush") == .failed("the server closed the connection"))
        let refused = try OneAnswer("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")
        #expect(try await ask(refused, for: "hush") == .refused("HTTP 302 without access_token and expires_in"))
    }
}
