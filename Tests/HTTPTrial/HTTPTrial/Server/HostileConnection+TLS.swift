import COpenSSL

// MARK: - TLS beneath answers

extension HostileConnection {
    mutating func giveSecurely(_ answer: ServerAnswer, _ request: TrialRequest, _ fault: AnswerFault) -> Outcome {
        switch fault {
        case .keyUpdate: beginKeyUpdate()
        case .keyUpdates, .keyUpdatesThenFIN:
            for _ in 0..<draw.number(in: 2...25) { changeKeys(after: 0) }
        case .tinyRecords:
            let isWritten = send(answer, request) { writeInPieces(answer.counted, longest: 3) }
            return isWritten ? .next : .over(.reset)
        default: break
        }
        let isWritten = send(answer, request) { wire.write(answer.counted) }
        if fault == .withoutNotify || fault == .keyUpdatesThenFIN { return .over(.withoutNotify) }
        return isWritten ? .next : .over(.reset)
    }

    /// Has the next write change the keys, and ask for new ones of the client. Not with TLS 1.2, which has no such.
    mutating func beginKeyUpdate() {
        awaitsReply = true
        guard let session = wire.session else { return }
        ERR_clear_error()
        SSL_key_update(session, Int32(SSL_KEY_UPDATE_REQUESTED))
        ERR_clear_error()
    }

    /// Changes the keys now, while the client may be writing.
    mutating func changeKeys(after milliseconds: Int) {
        _ = wire.pause(milliseconds: milliseconds)
        beginKeyUpdate()
        if let session = wire.session { SSL_do_handshake(session) }
    }

    mutating func spoilTLS(_ answer: ServerAnswer, _ fault: AnswerFault) -> Outcome {
        let part = draw.number(in: 0...answer.counted.count - 1)
        guard wire.write(Array(answer.counted.prefix(part))) else { return .over(.reset) }
        if fault == .alertInAnswer {
            _ = wire.writeToSocket(Self.alert(draw.one(of: Self.alerts)))
        } else {
            let length = draw.number(in: 20...200)
            let garbage = (0..<length).map { _ in UInt8(draw.number(in: 0...255)) }
            _ = wire.writeToSocket([23, 3, 3, 0, UInt8(length)] + garbage)
        }
        return .clientCloses
    }
}
