package import HTTPCodec
package import OpenSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The reason why a call got no complete answer, and whether the server can have seen it.
package struct HTTPCallFailure: Error, Sendable {
    /// The step that a connection that is being opened waits for.
    package enum Stage: Int, Sendable, Hashable, Comparable {
        case name
        case connection
        case tunnel
        case handshake

        package static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
    }

    package enum Kind: Sendable, Equatable {
        /// The request cannot be written as it is. The text names the part and shows no value.
        case invalidRequest(String)
        // No connection.
        case nameNotFound
        /// The name could not be looked up for now.
        case nameNotResolved
        case connect(errno: Int32)
        /// This process may open no more files.
        case outOfDescriptors
        /// This machine has no free local port.
        case outOfPorts
        case connectTimeout(Stage)
        /// The peer closed the connection before it could be used.
        case closedWhileConnecting(Stage)
        /// The server spoke before it was asked.
        case unsolicitedBytes
        /// The socket takes no bytes though nothing was written before.
        case socketFull
        /// The connection reached another address than the one asked for.
        case wrongPeer
        case tls(TLSError)
        /// The proxy answered CONNECT with this status.
        case tunnelRefused(status: Int)
        /// The proxy's answer to CONNECT is no HTTP.
        case tunnelFraming(HTTPParseError)
        /// All connections were busy until it was too late for the call.
        case poolTimeout
        /// The last word before the first byte was no.
        case tooLate
        // A connection, but no complete answer.
        case reset
        case closedByServer
        /// No complete answer in so long since the first byte was written.
        case responseTimeout(Duration)
        /// The caller's own limit for the whole call.
        case deadline
        case framing(HTTPParseError)
        /// A refusal's body did not come to its end so long after its head.
        case bodyTimeout(Duration)
        /// The answer is longer than so many bytes.
        case answerTooLong(Int)
        /// The answer's coding (gzip, deflate) is broken.
        case coding
        // The caller.
        case cancelled
        case shutDown
    }

    package enum Party: Sendable, Hashable {
        case server
        case proxy
    }

    package var kind: Kind
    /// At whom it failed.
    package var party: Party
    /// False: not sent, no byte of the request was given to the socket or to TLS.
    package var wasWritten: Bool
    /// The part that was read of a final answer that did not come to its end: its status, the headers and the part of
    /// the body that came before the fault.
    package var partial: HTTPResponse?
    /// Whether the connection had carried a call before.
    package var onReusedConnection: Bool

    package init(
        _ kind: Kind,
        party: Party = .server,
        wasWritten: Bool = false,
        partial: HTTPResponse? = nil,
        onReusedConnection: Bool = false
    ) {
        self.kind = kind
        self.party = party
        self.wasWritten = wasWritten
        self.partial = partial
        self.onReusedConnection = onReusedConnection
    }

    /// A final status that was seen though the answer did not come to its end.
    package var status: Int? { partial?.status }

    /// The kind for a socket's error.
    package static func kind(errno code: Int32) -> Kind {
        switch code {
        case ECONNRESET, EPIPE: .reset
        case EMFILE, ENFILE: .outOfDescriptors
        case EADDRNOTAVAIL: .outOfPorts
        default: .connect(errno: code)
        }
    }
}

extension HTTPCallFailure: CustomStringConvertible {
    package var description: String { words }

    /// The event in words, to be read after the name of the host. Holds neither URL nor header nor password.
    package var words: String { party == .proxy ? "at the proxy: \(kind.words)" : kind.words }
}

extension HTTPCallFailure.Kind {
    package var words: String {
        switch self {
        case .invalidRequest(let part): "the request cannot be written: \(part)"
        case .nameNotFound, .nameNotResolved: "the name could not be resolved"
        case .connect(let code): Self.words(errno: code)
        case .outOfDescriptors: "too many open files; raise the limit (ulimit -n)"
        case .outOfPorts: "no local port is free; there are too many connections to this address"
        case .connectTimeout(.handshake): "the TLS handshake took too long"
        case .connectTimeout: "no connection in time"
        case .closedWhileConnecting(.handshake):
            "TLS failed: the server closed the connection during the handshake"
        case .closedWhileConnecting(.tunnel): "the connection was closed without an answer to CONNECT"
        case .closedWhileConnecting: "the server closed the connection"
        case .unsolicitedBytes: "the server sent bytes before it was asked"
        case .socketFull: "the connection takes no bytes"
        case .wrongPeer: "the connection reached another address than the one that was checked"
        case .tls(let error): "TLS failed: \(error.message)"
        case .tunnelRefused(let status): "the tunnel was refused (HTTP \(status))"
        case .tunnelFraming: "the answer to CONNECT is not HTTP"
        case .poolTimeout: "all connections were busy"
        case .tooLate: "the call's turn came too late"
        default: wordsOnceConnected
        }
    }

    private var wordsOnceConnected: String {
        switch self {
        case .reset: "connection reset"
        case .closedByServer: "the server closed the connection"
        case .responseTimeout(let limit): "no complete answer within \(limit.inWords)"
        case .deadline: "the time for the call ran out"
        case .framing(let error): "the answer is not well-formed: \(error)"
        case .bodyTimeout(let limit): "the answer's body did not come to its end within \(limit.inWords)"
        case .answerTooLong(let limit): "the answer was longer than \(limit) bytes"
        case .coding: "the answer's compression (gzip, deflate) is broken"
        case .cancelled: "the call was cancelled"
        default: "the client is shutting down"
        }
    }

    private static func words(errno code: Int32) -> String {
        switch code {
        case ECONNREFUSED: "connection refused"
        case ETIMEDOUT: "the connection timed out"
        case EHOSTUNREACH, ENETUNREACH: "no route to the host"
        default: "the connection failed (errno \(code))"
        }
    }
}

extension Duration {
    /// As configuration writes it: `30s`, `1500ms`.
    fileprivate var inWords: String {
        let (seconds, attoseconds) = components
        return attoseconds == 0 ? "\(seconds)s" : "\(seconds * 1_000 + attoseconds / 1_000_000_000_000_000)ms"
    }

    /// In nanoseconds; what does not fit is the most that does.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflows ? (seconds < 0 ? .min : .max) : product + attoseconds / 1_000_000_000
    }
}
