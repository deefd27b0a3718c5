import HTTPCodec
import Reactor

extension ClientConnection {
    /// Reads of one connection in a turn, so that others get theirs.
    private static let readsPerTurn = 16

    /// Reads what is there.
    func readOn() {
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

    func readSoon() {
        pool.reactor.runSoon { [self] in if watch != nil { readOn() } }
    }

    /// Takes bytes of the answer in.
    ///
    /// - Returns: Whether the connection is to be read on.
    private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard call != nil else {
            pool.lost(self)
            return false
        }
        let span = bytes.bindMemory(to: UInt8.self).span
        var position = 0
        do throws(HTTPParseError) {
            while true {
                switch try parser.next(in: span, at: &position) {
                case .needMore:
                    boundBody()
                    return true
                case .interim: continue
                case .head:
                    if let failure = takeHead() {
                        fail(failure)
                        return false
                    }
                    if endsWithHead, parser.head.framing != .none {
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
        guard !endsWithHead, parser.head.framing != .none else { return nil }
        if parser.head.headers.contains("Content-Encoding") {
            do throws(InflateFailure) {
                let codings = parser.head.headers.all("Content-Encoding")
                decoder = try ContentDecoder.decoder(for: codings, limit: limit)
            } catch {
                return .coding
            }
        }
        guard decoder == nil, case .length(let length) = parser.head.framing else { return nil }
        // A body that is too long is read up to the limit, since its beginning may say what it is about; one that is far
        // too long is nobody's answer.
        guard length / 4 <= limit else { return .answerTooLong(limit) }
        body.reserveCapacity(min(length, limit))
        return nil
    }

    private func takeBody(_ bytes: UnsafeRawBufferPointer) -> HTTPCallFailure.Kind? {
        guard let decoder else {
            let room = limit - body.count
            body.append(contentsOf: bytes.prefix(room))
            return bytes.count <= room ? nil : .answerTooLong(limit)
        }
        do throws(InflateFailure) {
            try decoder.decode(bytes, into: &body)
            return nil
        } catch {
            return error == .tooLong ? .answerTooLong(limit) : .coding
        }
    }

    /// The answer is whole.
    private func finish(isEmpty: Bool) {
        do throws(InflateFailure) {
            try decoder?.finish()
        } catch {
            return fail(.coding)
        }
        complete(canBeReused: isEmpty && parser.head.keepAlive && hasNothingLeft)
    }

    /// Whether nothing is left in either direction.
    private var hasNothingLeft: Bool {
        guard unsent.isEmpty, writeFailure == nil else { return false }
        guard stream.hasBufferedBytes else { return true }
        // A ticket, or bytes that nobody asked for: only a read can tell.
        if case .blocked = stream.read(into: pool.readBuffer) { return true }
        return false
    }

    private func complete(canBeReused: Bool) {
        guard let call else { return }
        let response = HTTPResponse(status: parser.head.status, headers: parser.head.headers, body: body)
        endCall()
        pool.answered(self, call, response, canBeReused: canBeReused)
    }

    /// The server sends nothing any more.
    private func ended(isClean: Bool) {
        guard call != nil else { return pool.lost(self) }
        switch parser.endOfConnection() {
        case .endsBody where isClean:
            do throws(InflateFailure) {
                try decoder?.finish()
            } catch {
                return fail(.coding)
            }
            complete(canBeReused: false)
        default: fail(writeFailure ?? .closedByServer)
        }
    }
}
