import HTTPCodec

/// The answers, which go to the client.
extension ServerConnectionState {
    /// The request whose head has come is to be read on, answered or dropped.
    mutating func decide(_ decision: HTTPHeadDecision, at now: Int64, date: String) {
        guard case .deciding(let request, let head) = phase else { return }
        switch decision {
        case .read(let limit, let handle):
            let limit = limit ?? settings.maxBodyBytes
            if case .length(let length) = head.framing, length > limit { return refuseLargeBody(limit: limit) }
            if head.expectsContinue, Self.hasBody(head), reader.count == 0 {
                pending.append(.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)))
            }
            reader.limitBody(to: limit)
            phaseDeadline = now.advanced(by: settings.bodyTimeout)
            phase = .readingBody(request, limit: limit, handle)
        case .answer(let response):
            current.isRead = !Self.hasBody(head)
            if current.isRead { reader.finishRequest() }
            number += 1
            answer(with: response, at: now, date: date)
        case .close: end()
        case .reset: reset()
        }
    }

    private static func hasBody(_ head: HTTPRequestHead) -> Bool {
        head.framing != .none && head.framing != .length(0)
    }

    /// A request that was handled has come to its end. Stale ends are ignored.
    mutating func end(_ outcome: HTTPServerExchange.Outcome, of number: UInt64, at now: Int64, date: String) {
        guard case .handling = phase, number == self.number else { return }
        switch outcome {
        case .respond(let response): answer(with: response, at: now, date: date)
        case .close: end()
        case .reset: reset()
        }
    }

    /// A refusal has its text. The connection ends with it.
    mutating func refuse(with response: HTTPServerResponse, at now: Int64, date: String) {
        guard case .refusing = phase else { return }
        current.keepsAlive = false
        answer(with: response, at: now, date: date)
    }

    private mutating func answer(with response: HTTPServerResponse, at now: Int64, date: String) {
        let isLast = isStopping || (inputHasEnded && reader.count == 0)
        let keepsAlive = current.keepsAlive && current.isRead && !isLast
        do {
            pending.append(.send(try response.bytes(to: current.request, keepsAlive: keepsAlive, date: date)))
        } catch {
            pending.append(.notice(.invalidResponse(reason: error.description)))
            let replacement = HTTPServerResponse.text(status: 500, "the server's answer cannot be sent")
            let bytes = try? replacement.bytes(to: current.request, keepsAlive: keepsAlive, date: date)
            pending.append(.send(bytes ?? []))
        }
        guard keepsAlive else { return end() }
        phase = .readingHead
        phaseDeadline = now.advanced(by: settings.idleTimeout)
    }

    /// Bytes were queued; so many wait now.
    mutating func queued(_ unsent: Int, at now: Int64) {
        hasUnflushed = true
        wait(for: unsent, at: now)
    }

    /// The kernel was offered all that waited and took some of it.
    mutating func sent(_ count: Int, unsent: Int, at now: Int64) {
        hasUnflushed = false
        taken += count
        wait(for: unsent, at: now)
    }

    private mutating func wait(for unsent: Int, at now: Int64) {
        self.unsent = unsent
        isAboveWaterMark = unsent > (isAboveWaterMark ? settings.lowWaterMark : settings.highWaterMark)
        if unsent == 0 {
            sendDeadline = nil
        } else if sendDeadline == nil {
            taken = 0
            sendDeadline = now.advanced(by: settings.writeTimeout)
        }
    }
}

/// Time, and the end of the server.
extension ServerConnectionState {
    /// Does what a deadline that has passed asks for.
    mutating func passDeadline(at now: Int64) {
        if let sendDeadline, sendDeadline <= now {
            guard taken >= settings.minWrittenBytes else { return reset() }
            taken = 0
            self.sendDeadline = now.advanced(by: settings.writeTimeout)
        }
        guard let phaseDeadline, phaseDeadline <= now else { return }
        switch phase {
        case .readingHead where !isIdle:
            guard !isAboveWaterMark else {
                // The client had no chance: nothing more of it is looked at before it takes its answers.
                self.phaseDeadline = now.advanced(by: settings.headTimeout)
                return
            }
            refuse(HTTPServerRefusal(status: 408, reason: "the request's head did not come in time"))
        case .readingHead:
            guard unsent == 0 else {
                self.phaseDeadline = now.advanced(by: settings.idleTimeout)
                return
            }
            close()
        case .readingBody: refuse(HTTPServerRefusal(status: 408, reason: "the request's body did not come in time"))
        default: close()
        }
    }

    /// The server ends: an idle connection at once, another after the answer it waits for.
    mutating func stop() {
        isStopping = true
        guard isIdle else { return }
        if unsent == 0 { close() } else { end() }
    }
}
