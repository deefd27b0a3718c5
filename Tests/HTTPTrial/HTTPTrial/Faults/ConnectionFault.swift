/// How the server meets a connection, before any request.
enum ConnectionFault: String, CaseIterable, Sendable {
    case none
    case slow
    case reset
    case fin
    /// Speaks before it is asked, and closes.
    case speaks
    // TLS only.
    case mute, plainText, garbage, alert
    /// Its side of the handshake is cut, or ends before the client's comes.
    case cutHandshake
    case stalledHandshake
    case alertAfterHandshake
    case resetAfterHandshake
    case version12, withoutTickets, clientCertificate, wrongHost

    private var needsTLS: Bool {
        switch self {
        case .none, .slow, .reset, .fin, .speaks: false
        default: true
        }
    }

    private static let withoutTLS = allCases.filter { !$0.needsTLS }

    /// - Parameter share: How many of a hundred connections have a fault.
    static func draw(_ draw: inout Draw, isSecure: Bool, share: Int) -> ConnectionFault {
        guard draw.isHit(percent: share) else { return .none }
        return draw.one(of: isSecure ? allCases : withoutTLS) { fault in
            switch fault {
            case .none: 0
            case .mute, .stalledHandshake: 1
            default: 2
            }
        }
    }

    var context: ServerContexts.Variety {
        switch self {
        case .version12: .version12
        case .withoutTickets: .withoutTickets
        case .clientCertificate: .clientCertificate
        case .wrongHost: .wrongHost
        default: .usual
        }
    }
}

/// What the server does with a connection on which it could wait for the next request.
enum IdleFault: String, CaseIterable, Sendable {
    case none
    case fin, reset
    /// A whole 408 that closes the connection.
    case speaks
    case halfClose
    /// FIN without the farewell of TLS.
    case withoutNotify
    /// Some bytes that are no answer.
    case mutters

    static func draw(_ draw: inout Draw, share: Int) -> IdleFault {
        guard draw.isHit(percent: share) else { return .none }
        return draw.one(of: allCases.filter { $0 != .none })
    }
}

/// How the proxy treats a CONNECT.
enum ProxyFault: String, CaseIterable, Sendable {
    case opens
    case opensWithLength, opensWithChunked, opensWithOtherStatus, opensAfterInterim, opensByteByByte
    case refuses
    case closes, resets, cutAnswer, notHTTP, mute, endlessHead
    case opensThenCloses, opensThenResets
    /// Bytes that are no TLS stand right behind the blank line.
    case opensThenGarbage

    static func draw(_ draw: inout Draw, share: Int) -> ProxyFault {
        draw.one(of: draw.isHit(percent: share) ? allCases : Array(allCases.prefix(6)))
    }
}
