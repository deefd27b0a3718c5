// MARK: - Whole answers

extension HostileConnection {
    /// Answers a request, or not, as its fault says.
    mutating func answer(_ request: TrialRequest) -> Outcome {
        let plan = server.plans[request.id]
        if plan.fault.wantsLongRequest, plan.fault != .keyUpdateUnderWrite { return answerEarly(request, plan.fault) }
        if plan.fault == .keyUpdateUnderWrite { changeKeys(after: 5) }
        guard readBody(request) else { return .over(.inOrder) }
        sightings.treats(request.id)
        var answer = makeAnswer(request, plan)
        if plan.fault.promise == .unknown { return spoil(&answer, plan.fault) }
        let outcome = give(&answer, request, plan.fault)
        guard plan.discards || !plan.fault.keepsConnection, case .next = outcome else { return outcome }
        return .carriesNoMore
    }

    mutating func makeAnswer(_ request: TrialRequest, _ plan: CallPlan) -> ServerAnswer {
        var answer = ServerAnswer(mark: "\(request.id).\(draw.number(in: 0...999_999_999))")
        switch draw.number(in: 0...99) {
        case 0..<10: (answer.status, answer.reason) = (400 + draw.number(in: 0...60), "Client Error")
        case 10..<15: (answer.status, answer.reason) = (500 + draw.number(in: 0...10), "Server Error")
        case 15..<18: (answer.status, answer.reason) = (302, "Found")
        default: break
        }
        if answer.status == 408 { answer.status = 409 }
        let isLong = draw.isHit(percent: 3)
        answer.body = TrialRequest.text(answer.mark, count: draw.number(in: isLong ? 20_000...60_000 : 0...1_500))
        return answer
    }

    /// Notes an answer before its first byte goes, and that it went in full.
    ///
    /// - Parameter write: Writes all of it; false where that failed.
    func send(_ answer: ServerAnswer, _ request: TrialRequest, isBodiless: Bool = false, _ write: () -> Bool) -> Bool {
        let length = isBodiless || request.isHead ? 0 : answer.body.count
        sightings.answers(request.id, .init(mark: answer.mark, status: answer.status, length: length))
        guard write() else { return false }
        sightings.completedAnswer(request.id)
        return true
    }

    private mutating func give(_ answer: inout ServerAnswer, _ request: TrialRequest, _ fault: AnswerFault) -> Outcome {
        switch fault {
        case .bodiless, .bodyBehindBodiless: return giveBodiless(&answer, request, fault)
        case .coded: return giveCoded(answer, request)
        case .secondBehind, .secondLater: return giveTwo(answer, request, fault)
        case .keyUpdate, .keyUpdates, .keyUpdatesThenFIN, .tinyRecords, .withoutNotify:
            return giveSecurely(answer, request, fault)
        case .interim: return giveAfterInterim(answer, request)
        case .thenFIN, .thenReset, .thenHalfClose: return giveAndEnd(answer, request, fault)
        case .untilClose:
            answer.version = draw.one(of: ["HTTP/1.0", "HTTP/1.1"])
            let bytes = Array((answer.head() + "\r\n").utf8) + answer.body
            return send(answer, request) { wire.write(bytes) } ? .over(.inOrder) : .over(.reset)
        default: break
        }
        var bytes = bytes(of: &answer, fault)
        if request.isHead, let end = bytes.position(of: "\r\n\r\n") { bytes.removeLast(bytes.count - end - 4) }
        let isWritten = send(answer, request) {
            switch fault {
            case .pieces: writeInPieces(bytes, longest: 200)
            case .dribble: bytes.allSatisfy { wire.pause(milliseconds: 1) && wire.write([$0]) }
            default: wire.write(bytes)
            }
        }
        return isWritten ? .next : .over(.reset)
    }

    /// The answer's bytes where nothing follows them.
    private mutating func bytes(of answer: inout ServerAnswer, _ fault: AnswerFault) -> [UInt8] {
        switch fault {
        case .chunked: return answer.chunked(&draw)
        case .oldVersion:
            answer.version = "HTTP/1.0"
            return answer.counted
        case .keepAliveHint:
            answer.headers.append(draw.one(of: ["Keep-Alive: timeout=2", "Keep-Alive: max=9, timeout=2"]))
            return answer.counted
        case .closing:
            answer.headers += draw.one(of: [
                ["Connection: keep-alive, close"], ["connection: Close"],
                ["Connection: close", "Connection: keep-alive"],
                ["Keep-Alive: timeout=1"], ["CONNECTION: x,\tCLOSE ,y"], ["Keep-Alive: max=5, timeout=0"],
            ])
            return answer.counted
        case .dribble:
            answer.body = Array(answer.body.prefix(20))
            return answer.counted
        default:
            if draw.isHit(percent: 20) { answer.reason = draw.one(of: ["", "Not  OK", "caf\u{e9} \u{1F600}", "a: b"]) }
            return draw.isHit(percent: 30) ? answer.chunked(&draw) : answer.counted
        }
    }

    /// Writes in pieces of any size, some of them with a pause between.
    mutating func writeInPieces(_ bytes: [UInt8], longest: Int) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            if draw.isHit(percent: 10), !wire.pause(milliseconds: draw.number(in: 0...2)) { return false }
            let piece = rest.prefix(draw.number(in: 1...longest))
            rest = rest.dropFirst(piece.count)
            guard wire.write(Array(piece)) else { return false }
        }
        return true
    }

    private mutating func giveAfterInterim(_ answer: ServerAnswer, _ request: TrialRequest) -> Outcome {
        let interim = (0..<draw.number(in: 1...10)).map { _ in
            let head = draw.one(of: [
                "100 Continue", "102 Processing", "103 Early Hints\r\nLink: </a>; rel=preload", "199",
            ])
            return "HTTP/1.1 \(head)\r\n\r\n"
        }
        let bytes = Array(interim.joined().utf8) + answer.counted
        let inPieces = draw.isHit(percent: 50)
        let isWritten = send(answer, request) { inPieces ? writeInPieces(bytes, longest: 100) : wire.write(bytes) }
        return isWritten ? .next : .over(.reset)
    }

    private mutating func giveAndEnd(_ answer: ServerAnswer, _ request: TrialRequest, _ fault: AnswerFault) -> Outcome {
        guard send(answer, request, { wire.write(answer.counted) }) else { return .over(.reset) }
        switch fault {
        case .thenFIN: return .over(.inOrder)
        case .thenReset: return .over(.reset)
        default:
            wire.endWriting()
            return .clientCloses
        }
    }

    /// An answer that has no body, whatever it says, and may have something behind it all the same.
    private mutating func giveBodiless(
        _ answer: inout ServerAnswer,
        _ request: TrialRequest,
        _ fault: AnswerFault
    ) -> Outcome {
        answer.body = []
        (answer.status, answer.reason) = draw.one(of: [(204, "No Content"), (304, "Not Modified")])
        if fault == .bodiless, answer.status == 304 { answer.headers.append("Content-Length: 1234") }
        var bytes = Array((answer.head() + "\r\n").utf8)
        if fault == .bodyBehindBodiless {
            let framing = draw.one(of: ["Transfer-Encoding: chunked", "Content-Length: 5"])
            let body = framing.hasSuffix("chunked") ? "0\r\n\r\n" : "hello"
            bytes = Array((answer.head([framing]) + "\r\n\(body)").utf8)
        }
        return send(answer, request, isBodiless: true) { wire.write(bytes) } ? .next : .over(.reset)
    }

    private mutating func giveTwo(_ answer: ServerAnswer, _ request: TrialRequest, _ fault: AnswerFault) -> Outcome {
        var second = answer
        second.mark = fault == .secondBehind ? "behind.\(request.id)" : "stray.\(sightings.stray())"
        second.body = TrialRequest.text(second.mark, count: answer.body.count)
        if fault == .secondBehind {
            let isOneRecord = draw.isHit(percent: 50)
            let isWritten = send(answer, request) {
                if isOneRecord { return wire.write(answer.counted + second.counted) }
                return wire.inOnePiece {
                    guard wire.write(answer.counted) else { return false }
                    // A client that has the first one already is right to be gone.
                    _ = wire.write(second.counted)
                    return true
                }
            }
            return isWritten ? .next : .over(.reset)
        }
        guard send(answer, request, { wire.write(answer.counted) }) else { return .over(.reset) }
        guard wire.pause(milliseconds: draw.number(in: 0...10)) else { return .over(.inOrder) }
        _ = wire.write(second.counted)
        return .clientCloses
    }

    /// Answers before the body was read.
    private mutating func answerEarly(_ request: TrialRequest, _ fault: AnswerFault) -> Outcome {
        sightings.treats(request.id)
        var answer = ServerAnswer(mark: "\(request.id).early", status: 413, reason: "Content Too Large")
        answer.body = TrialRequest.text(answer.mark, count: draw.number(in: 0...300))
        if fault == .resetInRequest {
            _ = wire.pause(milliseconds: draw.number(in: 0...3))
            return .cut(.reset)
        }
        answer.headers = fault == .earlyThenReads ? [] : ["Connection: close"]
        guard send(answer, request, { wire.write(answer.counted) }) else { return .cut(.reset) }
        switch fault {
        case .earlyThenReads: return readBody(request, isAnswered: true) ? .next : .over(.inOrder)
        case .earlyThenDrains:
            wire.endWriting()
            wire.received = []
            while case .bytes = wire.read(within: Self.long) { wire.received = [] }
            return .cut(.inOrder)
        case .earlyThenFIN: return .cut(.withoutNotify)
        default: return .cut(.reset)
        }
    }
}
