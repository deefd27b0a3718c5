package import HTTP
import InstagramMessaging
import OpenSSL

/// Why a call got no answer, in words that hold neither token nor URL.
package struct CallFailure {
    /// What happened, to be read after the name of the host.
    package var reason: String
    var category: ErrorCategory

    package init(_ failure: HTTPCallFailure) {
        category = Self.category(of: failure.kind)
        reason =
            switch failure.kind {
            case .poolTimeout: "\(failure.words) (worker.maxInFlight)"
            case .connectTimeout: "\(failure.words) (graph.connectTimeout)"
            case .cancelled, .shutDown: "the worker is shutting down"
            case .tls(let error) where error.kind == .notTrusted: "\(failure.words) (graph.caFile)"
            default: failure.words
            }
    }

    private static func category(of kind: HTTPCallFailure.Kind) -> ErrorCategory {
        switch kind {
        case .responseTimeout, .bodyTimeout, .deadline, .poolTimeout: .timeout
        case .answerTooLong: .graphError
        default: .endpointUnavailable
        }
    }
}
