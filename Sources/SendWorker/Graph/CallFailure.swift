import AsyncHTTPClient
import InstagramMessaging
import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Why a call got no answer, in words that hold neither token nor URL.
struct CallFailure {
    /// What happened, to be read after the name of the host.
    var reason: String
    var category: ErrorCategory

    init(_ error: any Error, responseTimeout: TimeAmount) {
        switch error {
        case is GraphExchange.ResponseTimeout:
            self.init("no complete answer within \(responseTimeout.inWords)", .timeout)
        case is GraphExchange.AnswerTooLong:
            self.init("the answer was longer than \(GraphExchange.longestAnswer) bytes", .graphError)
        case let error as HTTPClientError:
            self.init(error)
        case let error as NIOConnectionError:
            self.init(error)
        case let error as IOError:
            self.init(Self.words(for: error), .endpointUnavailable)
        case ChannelError.connectTimeout:
            self.init("no connection in time", .endpointUnavailable)
        default:
            self.init(Self.words(for: error), .endpointUnavailable)
        }
    }

    private init(_ reason: String, _ category: ErrorCategory) {
        self.reason = reason
        self.category = category
    }

    private init(_ error: HTTPClientError) {
        switch error {
        case .connectTimeout:
            self.init("no connection in time (graph.connectTimeout)", .endpointUnavailable)
        case .tlsHandshakeTimeout:
            self.init("the TLS handshake took too long (graph.connectTimeout)", .endpointUnavailable)
        case .getConnectionFromPoolTimeout:
            self.init("all connections were busy (worker.maxInFlight)", .timeout)
        case .deadlineExceeded, .readTimeout, .writeTimeout:
            self.init("the time for the call ran out", .timeout)
        case .remoteConnectionClosed:
            self.init("the server closed the connection", .endpointUnavailable)
        case .cancelled, .alreadyShutdown:
            self.init("the worker is shutting down", .endpointUnavailable)
        default:
            // Only the kind: what the error carries may be a header's value.
            self.init("HTTP client: \(error.shortDescription)", .endpointUnavailable)
        }
    }

    private init(_ error: NIOConnectionError) {
        if let failure = error.connectionErrors.first?.error {
            self.init(Self.words(for: failure), .endpointUnavailable)
        } else if error.dnsAError != nil || error.dnsAAAAError != nil {
            self.init("the name could not be resolved", .endpointUnavailable)
        } else {
            self.init("no connection", .endpointUnavailable)
        }
    }

    private static func words(for error: any Error) -> String {
        if let error = error as? IOError { return words(for: error) }
        if case ChannelError.connectTimeout = error { return "no connection in time" }
        let kind = String(reflecting: type(of: error))
        if kind.contains("SSL") { return "TLS failed: \(error)" }
        return "the connection failed (\(kind))"
    }

    private static func words(for error: IOError) -> String {
        switch error.errnoCode {
        case ECONNREFUSED: "connection refused"
        case ECONNRESET, EPIPE: "connection reset"
        case ETIMEDOUT: "the connection timed out"
        case EHOSTUNREACH, ENETUNREACH: "no route to the host"
        case EMFILE, ENFILE: "too many open files; raise the limit (ulimit -n)"
        default: "the connection failed (errno \(error.errnoCode))"
        }
    }
}

extension TimeAmount {
    /// As configuration writes it.
    fileprivate var inWords: String {
        nanoseconds.isMultiple(of: 1_000_000_000) ? "\(nanoseconds / 1_000_000_000)s" : "\(nanoseconds / 1_000_000)ms"
    }
}
