import HTTPCodec
import Reactor

/// One open connection of a pool: carries one call at a time, and knows of it whether anything was written.
///
/// Its objects are used again from call to call. What it reads goes through the pool's one buffer and is parsed there.
final class ClientConnection {
    /// What came of handing a call over.
    enum Begin {
        case begun
        /// The last word was no; nothing was written, and the connection is as good as before.
        case declined
        /// The connection had been idle and turned out to be dead before anything was written.
        case stale
        /// Nothing was written, and the connection is of no use.
        case failed(HTTPCallFailure.Kind)
    }

    /// The call under way.
    struct Exchange {
        var call: any HTTPCall
        var options: HTTPCallOptions
        /// Whether a byte was given to the socket or to TLS.
        var wasWritten = false
        /// Why nothing takes the rest of the request, though the answer may still come.
        var writeFailure: HTTPCallFailure.Kind?
        /// The status of the final answer, once its head is whole.
        var status: Int?
        var decoder: ContentDecoder?
        var limit: Int
    }

    let pool: HTTPConnectionPool
    let id: PoolState.ConnectionID
    let stream: ClientStream
    private(set) var exchange: Exchange?
    /// How many calls were begun.
    private(set) var exchanges = 0
    private var watch: Watch?
    private var interest = Interest.read
    private var parser: ResponseParser
    private var body: [UInt8] = []
    /// What is left of the request. Empty nearly always: a request fits into the socket's buffer.
    private var unsent: [UInt8] = []
    private var unsentStart = 0
    /// What the last attempt to read or write waits for.
    private var readBlock = Interest.read
    private var writeBlock = Interest()
    private var deadline = Int64.max
    private var timer = TimerID.none
    /// When the timer fires. Earlier than `deadline` where calls have ended since it was set: it is set anew then.
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
}

// MARK: - The request

extension ClientConnection {
    /// Looks whether the connection lives, asks the call for the last word, and writes.
    func begin(_ call: any HTTPCall, _ options: HTTPCallOptions) -> Begin {
        switch stream.read(into: pool.readBuffer) {
        case .blocked: break
        case .moved: return exchanges > 0 ? .stale : .failed(.unsolicitedBytes)
        case .ended: return exchanges > 0 ? .stale : .failed(.closedByServer)
        case .failed(let kind): return exchanges > 0 ? .stale : .failed(kind)
        }
        // Taken out, because the call may start another one meanwhile.
        var request: [UInt8] = []
        swap(&request, &pool.writeBuffer)
        defer { swap(&request, &pool.writeBuffer) }
        request.removeAll(keepingCapacity: true)
        guard call.writeRequest(into: &request) else { return .declined }
        exchanges += 1
        exchange = Exchange(
            call: call,
            options: options,
            limit: options.maxResponseBytes ?? pool.settings.maxResponseBytes
        )
        parser.begin(answering: options.isHead ? .head : .post)
        if let failure = writeFirst(request) {
            clear()
            return .failed(failure)
        }
        return .begun
    }

    /// - Returns: Why nothing was written; nil where something was.
    private func writeFirst(_ request: [UInt8]) -> HTTPCallFailure.Kind? {
        // What TLS is given may leave in part, whatever it answers.
        if stream.tls != nil { exchange?.wasWritten = true }
        switch request.withUnsafeBytes({ stream.write($0) }) {
        case .moved(let moved):
            exchange?.wasWritten = true
            if moved < request.count { unsent += request[moved...] }
        case .blocked(let interest):
            if stream.tls == nil { return .socketFull }
            unsent += request
            writeBlock = interest
        case .failed(let kind):
            if stream.tls == nil { return kind }
            // The answer may be here already, and tells more.
            exchange?.writeFailure = kind
        case .ended: exchange?.writeFailure = .closedByServer
        }
        startClock()
        if !unsent.isEmpty, writeBlock.isEmpty { writeOn() }
        if exchange?.writeFailure != nil { readSoon() }
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
                exchange?.writeFailure = kind
                writeBlock = []
                return
            case .ended:
                exchange?.writeFailure = .closedByServer
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

    private func startClock() {
        guard let options = exchange?.options else { return }
        let limit = options.responseTimeout?.nanoseconds ?? pool.responseTimeout
        let (end, overflows) = pool.reactor.now.addingReportingOverflow(limit)
        deadline = min(overflows ? .max : end, options.deadline)
        guard deadline < timerDeadline || timer == .none else { return }
        pool.reactor.cancel(timer)
        setTimer()
    }

    private func setTimer() {
        timerDeadline = deadline
        timer = pool.reactor.setTimer(at: deadline, target: self)
    }

    private func updateInterest() {
        let wanted = readBlock.union(writeBlock)
        guard wanted != interest, let watch else { return }
        interest = wanted
        pool.reactor.change(watch, to: wanted)
    }
}

extension ClientConnection: TimerTarget {
    func timerFired(_ tag: Int) {
        timer = .none
        timerDeadline = .max
        guard let exchange else { return }
        guard pool.reactor.now >= deadline else { return setTimer() }
        if deadline == exchange.options.deadline { return fail(.deadline) }
        fail(.responseTimeout(exchange.options.responseTimeout ?? pool.settings.responseTimeout))
    }
}

// MARK: - The answer

extension ClientConnection: ReadinessHandler {
    /// Reads of one connection in a turn, so that others get theirs.
    private static let readsPerTurn = 16

    func ready(_ readiness: Readiness) {
        if !unsent.isEmpty, exchange?.writeFailure == nil { writeOn() }
        readOn()
    }

    private func readOn() {
        for _ in 0..<Self.readsPerTurn {
            let buffer = pool.readBuffer
            switch stream.read(into: buffer) {
            case .moved(let count):
                guard take(UnsafeRawBufferPointer(rebasing: buffer[..<count])) else { return }
                // With room left in the buffer the socket is empty, unless TLS holds something back.
                readBlock = .read
                if count < buffer.count, !stream.hasBufferedBytes { return updateInterest() }
            case .blocked(let interest):
                readBlock = interest
                return updateInterest()
            case .ended(let isClean): return ended(isClean: isClean)
            case .failed(let kind): return fail(kind)
            }
        }
        // The socket calls again for what it has; of what TLS has, it knows nothing.
        if stream.hasBufferedBytes { readSoon() }
        updateInterest()
    }

    private func readSoon() {
        pool.reactor.runSoon { [self] in if watch != nil { readOn() } }
    }

    /// Reads bytes of the answer.
    ///
    /// - Returns: Whether the connection is to be read on.
    private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard exchange != nil else {
            pool.lost(self)
            return false
        }
        let span = bytes.bindMemory(to: UInt8.self).span
        var position = 0
        do throws(HTTPParseError) {
            while true {
                switch try parser.next(in: span, at: &position) {
                case .needMore: return true
                case .interim: continue
                case .head:
                    if let failure = takeHead() {
                        fail(failure)
                        return false
                    }
                    if exchange?.options.endsWithHead == true, parser.head.framing != .none {
                        complete(canBeReused: false)
                        return false
                    }
                case .body(let range):
                    if let failure = takeBody(UnsafeRawBufferPointer(rebasing: bytes[range])) {
                        fail(failure)
                        return false
                    }
                case .end:
                    finish(isEmpty: position == bytes.count)
                    return false
                }
            }
        } catch {
            fail(.framing(error))
            return false
        }
    }

    private func takeHead() -> HTTPCallFailure.Kind? {
        exchange?.status = parser.head.status
        guard let exchange, !exchange.options.endsWithHead, parser.head.framing != .none else { return nil }
        if parser.head.headers.contains("Content-Encoding") {
            do throws(InflateFailure) {
                self.exchange?.decoder = try ContentDecoder.decoder(
                    for: parser.head.headers.all("Content-Encoding"),
                    limit: exchange.limit
                )
            } catch {
                return .coding
            }
        }
        guard self.exchange?.decoder == nil, case .length(let length) = parser.head.framing else { return nil }
        guard length <= exchange.limit else { return .answerTooLong(exchange.limit) }
        body.reserveCapacity(length)
        return nil
    }

    private func takeBody(_ bytes: UnsafeRawBufferPointer) -> HTTPCallFailure.Kind? {
        guard let exchange else { return nil }
        guard let decoder = exchange.decoder else {
            guard body.count + bytes.count <= exchange.limit else { return .answerTooLong(exchange.limit) }
            body.append(contentsOf: bytes)
            return nil
        }
        do throws(InflateFailure) {
            try decoder.decode(bytes, into: &body)
            return nil
        } catch {
            return error == .tooLong ? .answerTooLong(exchange.limit) : .coding
        }
    }

    /// The answer is whole.
    private func finish(isEmpty: Bool) {
        do throws(InflateFailure) {
            try exchange?.decoder?.finish()
        } catch {
            return fail(.coding)
        }
        complete(canBeReused: isEmpty && parser.head.keepAlive && isQuiet)
    }

    /// Whether nothing is left in either direction.
    private var isQuiet: Bool {
        guard unsent.isEmpty, exchange?.writeFailure == nil else { return false }
        guard stream.hasBufferedBytes else { return true }
        // A ticket, or bytes that nobody asked for: only a read can tell.
        if case .blocked = stream.read(into: pool.readBuffer) { return true }
        return false
    }

    private func complete(canBeReused: Bool) {
        guard let call = exchange?.call else { return }
        let response = HTTPResponse(status: parser.head.status, headers: parser.head.headers, body: body)
        clear()
        pool.answered(self, call, response, canBeReused: canBeReused)
    }

    /// The server sends nothing any more.
    private func ended(isClean: Bool) {
        guard exchange != nil else { return pool.lost(self) }
        switch parser.endOfConnection() {
        case .endsBody where isClean:
            do throws(InflateFailure) {
                try exchange?.decoder?.finish()
            } catch {
                return fail(.coding)
            }
            complete(canBeReused: false)
        default: fail(exchange?.writeFailure ?? .closedByServer)
        }
    }

    /// Ends the call without an answer, and the connection.
    func fail(_ kind: HTTPCallFailure.Kind) {
        guard let exchange else { return pool.lost(self) }
        let failure = HTTPCallFailure(
            kind,
            wasWritten: exchange.wasWritten,
            status: exchange.status,
            onReusedConnection: isReused
        )
        clear()
        pool.failed(self, exchange.call, failure)
    }

    private func clear() {
        exchange = nil
        body = []
        deadline = .max
        if !unsent.isEmpty { forgetUnsent() }
    }
}
