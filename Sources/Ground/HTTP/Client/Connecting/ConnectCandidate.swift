import HTTPCodec
import OpenSSL
import Reactor

/// One address on its way to an open connection: connect, CONNECT through the proxy where there is one, TLS handshake.
final class ConnectCandidate {
    private let attempt: ConnectAttempt
    private let address: SocketAddress
    private(set) var stage = HTTPCallFailure.Stage.connection
    private var descriptor: Int32 = -1
    private var watch: Watch?
    private var tunnel: ProxyTunnel?
    private var session: TLSSession?

    init(attempt: ConnectAttempt, address: SocketAddress) {
        self.attempt = attempt
        self.address = address
    }

    private var pool: HTTPConnectionPool { attempt.pool }

    func begin() throws(ReactorError) {
        let connecting = try Socket.connect(to: address)
        descriptor = connecting.descriptor
        do throws(ReactorError) {
            // A connection that is there already is writable, and so told in the next turn.
            watch = try pool.reactor.watch(descriptor, for: .write, handler: self)
        } catch {
            abandon()
            throw error
        }
    }

    func abandon() {
        unwatch()
        session = nil
        if descriptor >= 0 { Socket.close(descriptor) }
        descriptor = -1
    }

    private func unwatch() {
        if let watch = watch.take() { pool.reactor.unwatch(watch) }
    }

    private func wait(for interest: Interest) {
        if let watch { pool.reactor.change(watch, to: interest) }
    }

    private func fail(_ kind: HTTPCallFailure.Kind, party: HTTPCallFailure.Party = .server) {
        abandon()
        attempt.failed(self, HTTPCallFailure(kind, party: party))
    }

    private func accepted() {
        if let pinned = pool.settings.pinnedAddress, pool.names.proxy == nil {
            guard Socket.peerAddress(descriptor) == pinned else { return fail(.wrongPeer) }
        }
        Socket.setUserTimeout(descriptor, milliseconds: Int(clamping: pool.responseTimeout / 1_000_000))
        if let proxy = pool.names.proxy {
            stage = .tunnel
            attempt.accepted()
            tunnel = ProxyTunnel(to: pool.origin, proxy: proxy)
            openTunnel()
        } else {
            secure()
        }
    }

    private func openTunnel() {
        guard let tunnel else { return }
        switch tunnel.goOn(descriptor) {
        case .wait(let interest): wait(for: interest)
        case .open:
            self.tunnel = nil
            secure()
        case .failed(let kind): fail(kind, party: .proxy)
        }
    }

    private func secure() {
        guard pool.origin.scheme == .https, let context = pool.tls else { return succeed() }
        stage = .handshake
        attempt.accepted()
        do throws(TLSError) {
            session = try TLSSession(context, descriptor: descriptor, hostName: pool.origin.host)
        } catch {
            return fail(.tls(error))
        }
        shakeHands()
    }

    private func shakeHands() {
        guard let session else { return }
        switch session.handshake() {
        case .done: succeed()
        case .wantsRead: wait(for: .read)
        case .wantsWrite: wait(for: .write)
        case .closed: fail(.closedWhileConnecting(.handshake))
        case .failed(let error): fail(HTTPCallFailure.kind(error))
        }
    }

    private func succeed() {
        unwatch()
        let stream = ClientStream(descriptor: descriptor, tls: session)
        descriptor = -1
        session = nil
        attempt.succeeded(self, stream)
    }
}

extension ConnectCandidate: ReadinessHandler {
    func ready(_ readiness: Readiness) {
        switch stage {
        case .name, .connection:
            let code = Socket.pendingError(descriptor)
            guard code == 0 else { return fail(HTTPCallFailure.kind(errno: code), party: attempt.party) }
            accepted()
        case .tunnel: openTunnel()
        case .handshake: shakeHands()
        }
    }
}
