import HTTPCodec

/// The input, which comes from the client.
extension ServerConnectionState {
    /// Bytes have come.
    mutating func receive(_ bytes: some Collection<UInt8>) {
        switch phase {
        case .closed: break
        case .ending, .lingering:
            lingerBytes += bytes.count
            if lingerBytes > settings.maxLingerBytes { close() }
        default: reader.append(bytes)
        }
    }

    /// The client sends nothing more.
    mutating func receiveEnd() { inputHasEnded = true }

    /// The connection is broken: nothing can be sent or received any more.
    mutating func fail() { close() }

    /// The next thing to do; nil until another event.
    mutating func nextAction(at now: Int64) -> Action? {
        while true {
            if !pending.isEmpty { return pending.removeFirst() }
            switch phase {
            case .readingHead: if !readHead(at: now) { return nil }
            case .readingBody(let request, let limit, let handle):
                if !readBody(of: request, limit: limit, handle) { return nil }
            case .ending:
                guard unsent == 0 else { return nil }
                guard !inputHasEnded else {
                    close()
                    continue
                }
                phase = .lingering
                phaseDeadline = now.advanced(by: settings.lingerTimeout)
                return .shutDownSending
            case .lingering:
                guard inputHasEnded else { return nil }
                close()
            case .deciding, .handling, .refusing, .closed: return nil
            }
        }
    }

    /// Looks for the next request; false where there is nothing to do.
    private mutating func readHead(at now: Int64) -> Bool {
        guard !isAboveWaterMark else { return false }
        if !hasBegun, reader.count > 0 {
            hasBegun = true
            // Less is left where the connection has just begun or the client sends empty lines only.
            phaseDeadline = min(phaseDeadline ?? .max, now.advanced(by: settings.headTimeout))
        }
        do {
            guard let head = try reader.nextHead() else {
                hasBegun = !reader.isBetweenRequests
                guard inputHasEnded else { return false }
                end()
                return true
            }
            begin(head)
        } catch {
            current = CurrentRequest()
            refuse(error)
        }
        return true
    }

    private mutating func begin(_ head: HTTPRequestHead) {
        hasBegun = false
        current = CurrentRequest(keepsAlive: head.keepAlive)
        guard head.method != .connect else {
            return refuse(HTTPServerRefusal(status: 501, reason: "this server is no proxy"))
        }
        let path: String
        do {
            path =
                head.target.form == .origin || head.target.form == .absolute
                ? try PercentEncoding.decodePath(head.target.path) : head.target.path
        } catch {
            return refuse(HTTPServerRefusal(status: 400, reason: "the path cannot be decoded: \(error)"))
        }
        if head.minorVersion > 0, head.headers.contains("Expect"), !head.expectsContinue {
            return refuse(HTTPServerRefusal(status: 417, reason: "the header Expect may ask for 100-continue only"))
        }
        let request = HTTPServerRequest(
            method: head.method,
            target: head.target,
            path: path,
            minorVersion: head.minorVersion,
            authority: head.authority,
            headers: head.headers,
            remoteAddress: remoteAddress
        )
        current.request = request
        phase = .deciding(request, head)
        phaseDeadline = nil
        pending.append(.decide(request))
    }

    private mutating func readBody(of request: HTTPServerRequest, limit: Int, _ handle: HandleRequest?) -> Bool {
        do {
            guard try reader.readBody(into: &body) else {
                guard inputHasEnded else { return false }
                end()
                return true
            }
            var request = request
            request.body = body
            body = []
            number += 1
            current.isRead = true
            phase = .handling
            phaseDeadline = nil
            pending.append(.handle(request, number: number, by: handle))
        } catch {
            if error.kind == .bodyTooLong { refuseLargeBody(limit: limit) } else { refuse(error) }
        }
        return true
    }
}

/// The consequences of the input.
extension ServerConnectionState {
    mutating func refuse(_ refusal: HTTPServerRefusal) {
        phase = .refusing
        phaseDeadline = nil
        pending.append(.refuse(refusal, of: current.request))
    }

    mutating func refuseLargeBody(limit: Int) {
        refuse(HTTPServerRefusal(status: 413, reason: "the body has more than \(limit) bytes"))
    }

    /// No further request is looked at; what was answered goes out.
    mutating func end() {
        phase = .ending
        phaseDeadline = nil
        reader.removeAll()
        body = []
    }

    mutating func close() { finish(with: .close) }
    mutating func reset() { finish(with: .reset) }

    private mutating func finish(with action: Action) {
        guard !isClosed else { return }
        end()
        phase = .closed
        pending = [action]
        sendDeadline = nil
        hasUnflushed = false
    }

    /// Ends a connection that cannot be read any further; without an answer where the client speaks something else.
    private mutating func refuse(_ error: HTTPParseError) {
        if let status = error.status {
            return refuse(HTTPServerRefusal(status: status, reason: error.description))
        }
        close()
        pending.insert(.notice(error.kind == .tlsHandshake ? .tlsOnPlainPort : .http2OnPlainPort), at: 0)
    }
}
