import HTTPCodec
import Reactor

/// One connection of a server as a state machine: events in, actions out; no clock and no socket.
///
/// Requests are looked at one at a time, so answers go out in their order: the next one's bytes wait, unparsed and
/// bounded, until the last one is answered.
///
/// | phase | leaves it by |
/// | --- | --- |
/// | reading a head | a whole head (deciding), what is no request (refusing), the end of input, its deadline |
/// | deciding | ``decide(_:at:date:)`` |
/// | reading a body | its end (handling), too much of it (refusing), the end of input, its deadline |
/// | handling | ``end(_:of:at:date:)`` |
/// | refusing | ``refuse(with:at:date:)`` |
/// | ending | all bytes are out (lingering) |
/// | lingering | the end of input, its deadline |
struct ServerConnectionState {
    enum Action {
        /// Ask what becomes of the request, then call ``decide(_:at:date:)``.
        case decide(HTTPServerRequest)
        /// Have the request answered, then call ``end(_:of:at:date:)`` with the number.
        case handle(HTTPServerRequest, number: UInt64, by: HandleRequest?)
        /// Ask for the text of a refusal, then call ``refuse(with:at:date:)``.
        case refuse(HTTPServerRefusal, of: HTTPServerRequest?)
        /// Queue the bytes, then call ``queued(_:at:)``.
        case send([UInt8])
        case notice(HTTPServerNotice)
        /// No further byte follows.
        case shutDownSending
        /// Close the descriptor in order.
        case close
        /// Close it with a reset.
        case reset
    }

    typealias HandleRequest = @Sendable (HTTPServerRequest, HTTPServerExchange) -> Void

    enum Phase {
        case readingHead
        case deciding(HTTPServerRequest, HTTPRequestHead)
        case readingBody(HTTPServerRequest, limit: Int, HandleRequest?)
        case handling
        case refusing
        case ending
        case lingering
        case closed
    }

    let settings: HTTPServerSettings
    let remoteAddress: SocketAddress?
    var phase = Phase.readingHead
    var reader: RequestReader
    /// Whether a byte of the request that is waited for has come.
    var hasBegun = false
    /// The actions that were decided and not yet carried out.
    var pending: [Action] = []
    /// The request that is read or answered now.
    var current = CurrentRequest()
    var body: [UInt8] = []
    /// The number of the request that is handled, from 1.
    var number: UInt64 = 0
    var isStopping = false
    var inputHasEnded = false
    var lingerBytes = 0
    /// Bytes that are queued, and whether the kernel was not offered all of them.
    var unsent = 0
    var hasUnflushed = false
    var isAboveWaterMark = false
    /// Bytes the client took since the time for taking them began.
    var taken = 0
    /// The end of the phase, and the end of the client's time to take what was sent; monotonic nanoseconds.
    var phaseDeadline: Int64?
    var sendDeadline: Int64?

    init(
        settings: HTTPServerSettings,
        remoteAddress: SocketAddress?,
        at now: Int64
    ) {
        self.settings = settings
        self.remoteAddress = remoteAddress
        reader = RequestReader(settings: settings)
        phaseDeadline = now.advanced(by: settings.headTimeout)
    }

    /// The next moment at which ``passDeadline(at:)`` has something to do.
    var deadline: Int64? {
        guard let phaseDeadline else { return sendDeadline }
        return sendDeadline.map { min($0, phaseDeadline) } ?? phaseDeadline
    }

    var isClosed: Bool {
        if case .closed = phase { true } else { false }
    }

    /// Between requests, with nothing of the next one.
    var isIdle: Bool {
        if case .readingHead = phase { !hasBegun && reader.count == 0 } else { false }
    }

    /// Whether there is room for more bytes.
    var wantsInput: Bool {
        guard !inputHasEnded else { return false }
        return switch phase {
        case .closed: false
        case .ending, .lingering: true
        default: reader.count < Self.readAhead
        }
    }

    /// Bytes that may wait unparsed.
    private static let readAhead = 65_536
}

/// The facts to be remembered of a request until its answer is written.
struct CurrentRequest {
    /// Its head; nil where that was no request.
    var request: HTTPServerRequest?
    var keepsAlive = false
    /// Whether all of it has been read.
    var isRead = false
}

extension Int64 {
    /// A moment later than this one, in nanoseconds; stays at the end of the range instead of overflowing.
    func advanced(by duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        let (scaled, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflows) = addingReportingOverflow(scaled)
        guard !isTooLong, !overflows else { return .max }
        let (total, overflowsToo) = sum.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflowsToo ? .max : total
    }
}
