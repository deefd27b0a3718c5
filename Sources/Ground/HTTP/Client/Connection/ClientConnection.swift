import HTTPCodec
import Reactor

/// One open connection of a pool: carries one call at a time, and knows of it whether anything was written.
///
/// Its storage is used again from call to call. What it reads goes through the pool's one buffer and is parsed there.
final class ClientConnection {
    /// The outcome of handing a call over.
    enum Begin {
        case begun
        /// The last word was no; nothing was written, and the connection is as good as before.
        case declined
        /// The connection turned out to be dead before the call was asked.
        case stale(HTTPCallFailure.Kind)
        /// Nothing was written, and the connection is of no use.
        case failed(HTTPCallFailure.Kind)
    }

    let pool: HTTPConnectionPool
    let id: PoolState.ConnectionID
    let stream: ClientStream
    /// The number of calls that were begun.
    private(set) var exchanges = 0
    private(set) var watch: Watch?
    private var interest = Interest.read
    /// The readiness that the last attempt to read or write waits for.
    var readBlock = Interest.read
    private var writeBlock = Interest()

    // The call under way.
    private(set) var call: (any HTTPCall)?
    /// Whether a byte was given to the socket or to TLS.
    private var wasWritten = false
    /// The reason why nothing takes the rest of the request, though the answer may still come.
    private(set) var writeFailure: HTTPCallFailure.Kind?
    /// The rest of the request. Empty nearly always: a request fits into the socket's buffer.
    private(set) var unsent: [UInt8] = []
    private var unsentStart = 0
    private(set) var endsWithHead = false
    /// The longest answer that is read.
    private(set) var limit = 0

    // The answer.
    var parser: ResponseParser
    var body: [UInt8] = []
    var decoder: ContentDecoder?

    // The clock.
    private var callDeadline = Int64.max
    private var responseTimeout: Int64 = 0
    private var refusalBodyTimeout: Duration?
    /// Whether the time for a refusal's body has begun.
    private var isBodyBounded = false
    private var deadline = Int64.max
    private var timer = TimerID.none
    /// The moment at which the timer fires. Earlier than `deadline` where calls have ended since it was set: it is set
    /// anew then.
    private var timerDeadline = Int64.max

    init(pool: HTTPConnectionPool, id: PoolState.ConnectionID, stream: ClientStream) throws(ReactorError) {
        self.pool = pool
        self.id = id
        self.stream = stream
        var limits = HTTPLimits()
        // The connection counts what comes out of a compression, which the parser does not know.
        limits.bodyBytes = .max
        parser = ResponseParser(limits: limits)
        watch = try pool.reactor.watch(stream.descriptor, for: .read, handler: self)
    }

    var isReused: Bool { exchanges > 1 }

    /// The seconds after which the server says that it closes an idle connection.
    var keepAliveHint: Int? { parser.head.keepAliveTimeout }

    /// Ends the watch and closes the socket.
    func close() {
        guard let watch = watch.take() else { return }
        pool.reactor.unwatch(watch)
        pool.reactor.cancel(timer)
        timer = .none
        stream.close()
    }

    /// Ends the call without an answer, and the connection.
    func fail(_ kind: HTTPCallFailure.Kind) {
        guard let call else { return pool.lost(self) }
        let partial = parser.finalStatus.map { status in
            HTTPResponse(status: status, headers: parser.head.headers, body: body)
        }
        let failure = HTTPCallFailure(kind, wasWritten: wasWritten, partial: partial, onReusedConnection: isReused)
        endCall()
        pool.failed(self, call, failure)
    }

    /// Forgets the call.
    func endCall() {
        call = nil
        body = []
        if decoder != nil { decoder = nil }
        if writeFailure != nil { writeFailure = nil }
        if !unsent.isEmpty { forgetUnsent() }
    }
}

// MARK: - The request

extension ClientConnection {
    /// Looks whether the connection lives, asks the call for the last word, and writes.
    func begin(_ call: any HTTPCall, _ options: HTTPCallOptions) -> Begin {
        if !stream.isQuiet, let kind = lossBeforeUse() { return .stale(kind) }
        // Taken out, because the call may start another one meanwhile.
        var request: [UInt8] = []
        swap(&request, &pool.writeBuffer)
        defer { swap(&request, &pool.writeBuffer) }
        request.removeAll(keepingCapacity: true)
        guard call.writeRequest(into: &request) else { return .declined }
        exchanges += 1
        self.call = call
        wasWritten = false
        endsWithHead = options.endsWithHead
        limit = options.maxResponseBytes ?? pool.maxResponseBytes
        parser.begin(answering: options.isHead ? .head : .post)
        if let failure = writeFirst(request) {
            endCall()
            return .failed(failure)
        }
        startClock(options)
        return .begun
    }

    /// Returns why the connection is of no use; nil where what came is TLS's own, such as a ticket.
    private func lossBeforeUse() -> HTTPCallFailure.Kind? {
        switch stream.read(into: pool.readBuffer) {
        case .blocked: nil
        case .moved: .unsolicitedBytes
        case .ended: .closedByServer
        case .failed(let kind): kind
        }
    }

    /// - Returns: Why nothing was written; nil where something was.
    private func writeFirst(_ request: [UInt8]) -> HTTPCallFailure.Kind? {
        // What TLS is given may leave in part, whatever it answers.
        if stream.tls != nil { wasWritten = true }
        switch request.withUnsafeBytes({ stream.write($0) }) {
        case .moved(let moved):
            wasWritten = true
            if moved == request.count { return nil }
            unsent += request[moved...]
            writeOn()
        case .blocked(let interest):
            if stream.tls == nil { return .socketFull }
            unsent += request
            writeBlock = interest
        case .failed(let kind):
            if stream.tls == nil { return kind }
            // The answer may be here already, and tells more.
            writeFailure = kind
        case .ended: writeFailure = .closedByServer
        }
        if writeFailure != nil { readSoon() }
        updateInterest()
        return nil
    }

    /// Writes what is left of the request, as far as that goes now.
    private func writeOn() {
        while unsentStart < unsent.count {
            let start = unsentStart
            switch unsent.withUnsafeBytes({ stream.write(UnsafeRawBufferPointer(rebasing: $0[start...])) }) {
            case .moved(let count): unsentStart += count
            case .blocked(let interest):
                writeBlock = interest
                return
            case .failed(let kind):
                writeFailure = kind
                writeBlock = []
                return
            case .ended:
                writeFailure = .closedByServer
                writeBlock = []
                return
            }
        }
        forgetUnsent()
    }

    private func forgetUnsent() {
        // A long request's storage is not kept for the short ones to come.
        unsent.removeAll(keepingCapacity: unsent.count <= 16_384)
        unsentStart = 0
        writeBlock = []
    }

    func updateInterest() {
        let wanted = readBlock.union(writeBlock)
        guard wanted != interest, let watch else { return }
        interest = wanted
        pool.reactor.change(watch, to: wanted)
    }
}

extension ClientConnection: ReadinessHandler {
    func ready(_ readiness: Readiness) {
        if !unsent.isEmpty, writeFailure == nil { writeOn() }
        readOn()
    }
}

// MARK: - The clock

extension ClientConnection: TimerTarget {
    private func startClock(_ options: HTTPCallOptions) {
        callDeadline = options.deadline
        responseTimeout = options.responseTimeout?.nanoseconds ?? pool.responseTimeout
        refusalBodyTimeout = options.refusalBodyTimeout
        isBodyBounded = false
        let (end, overflows) = pool.reactor.now.addingReportingOverflow(responseTimeout)
        deadline = min(overflows ? .max : end, callDeadline)
        hastenTimer()
    }

    /// Bounds the wait for the rest of a body, where the answer is a refusal.
    func boundBody() {
        guard let refusalBodyTimeout, !isBodyBounded, (parser.finalStatus ?? 0) >= 300 else { return }
        let (end, overflows) = pool.reactor.now.addingReportingOverflow(refusalBodyTimeout.nanoseconds)
        guard !overflows, end < deadline else { return }
        isBodyBounded = true
        deadline = end
        hastenTimer()
    }

    private func hastenTimer() {
        guard deadline < timerDeadline else { return }
        pool.reactor.cancel(timer)
        setTimer()
    }

    private func setTimer() {
        timerDeadline = deadline
        timer = pool.reactor.setTimer(at: deadline, target: self)
    }

    func timerFired(_ tag: Int) {
        timer = .none
        timerDeadline = .max
        guard call != nil else { return }
        guard pool.reactor.now >= deadline else { return setTimer() }
        if isBodyBounded, let refusalBodyTimeout { return fail(.bodyTimeout(refusalBodyTimeout)) }
        fail(deadline == callDeadline ? .deadline : .responseTimeout(.nanoseconds(responseTimeout)))
    }
}
