import Foundation
import Reactor
import Testing

@Suite(.timeLimit(.minutes(1))) struct SocketTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("0:0:0:0:0:0:0:1", "::1"), ("2001:db8::ff", "2001:db8::ff"),
    ])
    func readsAndWritesNumericAddresses(_ text: String, _ shortest: String) throws {
        let address = try #require(SocketAddress(ipAddress: text, port: 443))
        #expect(address.ipAddress == shortest)
        #expect(address.port == 443)
        #expect(address.family == (text.contains(":") ? .v6 : .v4))
        #expect(address.withSockAddr { pointer, _ in SocketAddress(pointer) } == address)
        #expect(address.bytes.count == (text.contains(":") ? 16 : 4))
    }

    @Test(arguments: ["", "localhost", "127.0.0", "127.0.0.1.", "1.2.3.256", "[::1]", "::1\0", "0x7f.1"])
    func refusesWhatIsNoNumericAddress(_ text: String) {
        #expect(SocketAddress(ipAddress: text, port: 1) == nil)
    }

    @Test func refusesWhatIsNoPort() {
        #expect(SocketAddress(ipAddress: "127.0.0.1", port: -1) == nil)
        #expect(SocketAddress(ipAddress: "127.0.0.1", port: 65_536) == nil)
    }

    @Test func showsAddressAndPort() throws {
        #expect("\(try #require(SocketAddress(ipAddress: "10.1.2.3", port: 80)))" == "10.1.2.3:80")
        #expect("\(try #require(SocketAddress(ipAddress: "::1", port: 80)))" == "[::1]:80")
    }

    @Test(arguments: ["127.0.0.1", "::1"].filter(canListen))
    func connectsAndMovesBytes(_ host: String) async throws {
        let listener = try Socket.listen(on: #require(SocketAddress(ipAddress: host, port: 0)))
        let address = try #require(Socket.localAddress(listener))
        #expect(address.port > 0)
        let near = try Socket.connect(to: address)
        try await waitUntil(listener, is: .read)
        guard case .accepted(let far, let peer) = Socket.accept(listener) else { throw Unexpected() }
        if case .wouldBlock = Socket.accept(listener) {} else { Issue.record("nobody else connected") }
        try await waitUntil(near.descriptor, is: .write)
        #expect(Socket.pendingError(near.descriptor) == 0)
        #expect(Socket.localAddress(near.descriptor) == peer)
        #expect(Socket.peerAddress(near.descriptor) == address)
        for descriptor in [listener, near.descriptor, far] {
            #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
            #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 1)
        defer { buffer.deallocate() }
        #expect(Socket.receive(far, into: buffer) == .wouldBlock)
        #expect(Array("hello".utf8).withUnsafeBytes { Socket.send(near.descriptor, $0) } == .moved(5))
        try await waitUntil(far, is: .read)
        #expect(Socket.receive(far, into: buffer) == .moved(5))
        #expect(String(decoding: buffer[..<5], as: UTF8.self) == "hello")
        Socket.shutDownWriting(near.descriptor)
        try await waitUntil(far, is: .read)
        #expect(Socket.receive(far, into: buffer) == .ended)
        for descriptor in [listener, near.descriptor, far] { Socket.close(descriptor) }
    }

    @Test func tellsThatAConnectionIsRefused() async throws {
        // A port on which somebody listened a moment ago.
        let listener = try Socket.listen(on: #require(SocketAddress(ipAddress: "127.0.0.1", port: 0)))
        let address = try #require(Socket.localAddress(listener))
        Socket.close(listener)
        let near = try Socket.connect(to: address)
        try await waitUntil(near.descriptor, is: .write)
        #expect(Socket.pendingError(near.descriptor) == ECONNREFUSED)
        Socket.close(near.descriptor)
    }

    @Test func setsWhatKeepsConnectionsQuickAndMortal() throws {
        let (near, far) = try tcpPair()
        #expect(option(near, Int32(IPPROTO_TCP), TCP_NODELAY) != 0)
        #expect(option(far, Int32(IPPROTO_TCP), TCP_NODELAY) != 0)
        Socket.setUserTimeout(near, milliseconds: 12_345)
        #expect(option(near, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT) == 12_345)
        Socket.close(near)
        Socket.close(far)
    }

    @Test func aResetReachesThePeerAndItsWritesGetNoSignal() async throws {
        let (near, far) = try tcpPair()
        Socket.setResetOnClose(far)
        Socket.close(far)
        try await waitUntil(near, is: .read)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16, alignment: 1)
        defer { buffer.deallocate() }
        #expect(Socket.receive(near, into: buffer) == .failed(ECONNRESET))
        #expect(Socket.send(near, UnsafeRawBufferPointer(buffer)) == .failed(EPIPE))
        Socket.close(near)
    }

    @Test func aSecondListenerOnAnAddressIsRefused() throws {
        let first = try Socket.listen(on: #require(SocketAddress(ipAddress: "127.0.0.1", port: 0)))
        let address = try #require(Socket.localAddress(first))
        let refused = #expect(throws: ReactorError.self) { _ = try Socket.listen(on: address) }
        #expect(refused?.code == EADDRINUSE)
        #expect(refused?.description.hasPrefix("cannot listen on \(address): ") == true)
        Socket.close(first)
    }

    @Test func takesOverAnAddressInTimeWait() async throws {
        let listener = try Socket.listen(on: #require(SocketAddress(ipAddress: "127.0.0.1", port: 0)))
        let address = try #require(Socket.localAddress(listener))
        let near = try Socket.connect(to: address)
        try await waitUntil(listener, is: .read)
        guard case .accepted(let far, _) = Socket.accept(listener) else { throw Unexpected() }
        // Whoever closes first keeps the address in TIME_WAIT.
        Socket.close(far)
        try await waitUntil(near.descriptor, is: .read)
        Socket.close(near.descriptor)
        Socket.close(listener)
        let again = try Socket.listen(on: address)
        Socket.close(again)
    }

    @Test(.enabled(if: canListen("::1"), "there is no IPv6 here"))
    func anIPv6ListenerLeavesThePortToIPv4() throws {
        let six = try Socket.listen(on: #require(SocketAddress(ipAddress: "::", port: 0)))
        let port = try #require(Socket.localAddress(six)).port
        let four = try Socket.listen(on: #require(SocketAddress(ipAddress: "0.0.0.0", port: port)))
        Socket.close(six)
        Socket.close(four)
    }

    @Test func tellsALackOfDescriptorsFromOtherFailures() async throws {
        await #expect(processExitsWith: .success) {
            let listener = try Socket.listen(on: #require(SocketAddress(ipAddress: "127.0.0.1", port: 0)))
            let address = try #require(Socket.localAddress(listener))
            let near = try Socket.connect(to: address)
            var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 10_000) == 1 else { exit(1) }
            var limit = rlimit(rlim_cur: rlim_t(near.descriptor + 1), rlim_max: rlim_t(near.descriptor + 1))
            guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { exit(2) }
            guard case .outOfDescriptors(EMFILE) = Socket.accept(listener) else { exit(3) }
            do throws(ReactorError) {
                _ = try Socket.connect(to: address)
                exit(4)
            } catch {
                guard error.isOutOfDescriptors else { exit(5) }
            }
            Socket.close(near.descriptor)
            guard case .accepted = Socket.accept(listener) else { exit(6) }
        }
    }

    private func option(_ descriptor: Int32, _ level: Int32, _ name: Int32) -> Int32 {
        var value: Int32 = -1
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, level, name, &value, &length)
        return value
    }

    private func waitUntil(_ descriptor: Int32, is interest: Interest) async throws {
        try await withReactor { reactor in
            let isReady = Given<Bool>()
            let watch = try await reactor.run {
                try reactor.watch(descriptor, for: interest, handler: Handler { _ in isReady.give(true) })
            }
            _ = await isReady.value
            try await reactor.run { reactor.unwatch(watch) }
        }
    }
}

/// Whether there is such an address here.
private func canListen(_ host: String) -> Bool {
    guard let address = SocketAddress(ipAddress: host, port: 0) else { return false }
    guard let listener = try? Socket.listen(on: address) else { return false }
    Socket.close(listener)
    return true
}
