import OpenSSL
import Reactor

/// An open connection's bytes: a socket, or TLS over it.
struct ClientStream {
    enum Transfer {
        /// So many bytes, at least one.
        case moved(Int)
        /// The peer sends nothing any more. With TLS a clean end is one that nobody on the way can have forged.
        case ended(isClean: Bool)
        /// Nothing can be done before the socket is ready for this.
        case blocked(on: Interest)
        case failed(HTTPCallFailure.Kind)
    }

    let descriptor: Int32
    let tls: TLSSession?

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        guard let tls else {
            switch Socket.receive(descriptor, into: buffer) {
            case .moved(let count): return .moved(count)
            case .ended: return .ended(isClean: true)
            case .wouldBlock: return .blocked(on: .read)
            case .failed(let code): return .failed(HTTPCallFailure.kind(errno: code))
            }
        }
        return Self.transfer(tls.read(into: buffer))
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
        guard let tls else {
            switch Socket.send(descriptor, bytes) {
            case .moved(let count): return .moved(count)
            case .ended: return .ended(isClean: true)
            case .wouldBlock: return .blocked(on: .write)
            case .failed(let code): return .failed(HTTPCallFailure.kind(errno: code))
            }
        }
        return Self.transfer(tls.write(bytes))
    }

    /// Whether the peer has sent nothing, not even an end. A look at the socket only, since most often that is enough.
    var isQuiet: Bool { Socket.isQuiet(descriptor) && !hasBufferedBytes }

    /// Whether bytes of the peer are here of which the socket says nothing any more.
    var hasBufferedBytes: Bool { tls?.hasBufferedBytes ?? false }

    /// Says farewell, as far as that goes without waiting, and closes the socket, which must not be watched any more.
    func close() {
        _ = tls?.shutdown()
        Socket.close(descriptor)
    }

    private static func transfer(_ progress: TLSSession.Progress) -> Transfer {
        switch progress {
        case .done(let count): .moved(count)
        case .wantsRead: .blocked(on: .read)
        case .wantsWrite: .blocked(on: .write)
        case .closed(let isClean): .ended(isClean: isClean)
        case .failed(let error): .failed(HTTPCallFailure.kind(error))
        }
    }
}

extension HTTPCallFailure {
    /// The kind for an error of TLS: the socket's own where that failed below it.
    static func kind(_ error: TLSError) -> Kind {
        if case .socket(let code) = error.kind { return kind(errno: code) }
        return .tls(error)
    }
}
