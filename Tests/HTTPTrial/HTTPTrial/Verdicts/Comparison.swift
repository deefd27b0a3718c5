import HTTP

/// Compares what a client says of a call with what the server saw of it.
struct Comparison {
    let id: Int
    let plan: CallPlan
    let record: CallRecord
    let sighting: Sightings.Sighting
    /// What the client could meet besides the answer.
    let conditions: Conditions

    struct Conditions: Sendable {
        var isSecure: Bool
        var isProxied: Bool
        var mayBeRefused: Bool
        var namesMayFail: Bool
        var connectTimeout: Duration
        var maxConnectionAge: Duration
        /// How many answers the server gave that nobody asked for.
        var strays: Int
    }

    /// A machine under load tells late.
    private static let slack = 5_000

    /// What does not fit together; empty where all is well.
    func violations() -> [String] {
        guard record.endings == 1, let verdict = record.verdict else {
            return ["was told \(record.endings) ends"]
        }
        var found: [String] = []
        if sighting.times > 1 { found.append("was seen \(sighting.times) times") }
        if let age = ageOfConnection, age > ageLimit { found.append("was written to a connection \(age) ms old") }
        switch verdict {
        case .answered(let answer): found += violations(answered: answer)
        case .failed(let failure):
            found += failure.wasWritten ? violations(unknown: failure) : violations(notSent: failure)
            found += violations(ofTime: failure)
        }
        return found
    }

    /// What happened when, for who looks into a violation.
    var times: String {
        func text(_ name: String, _ time: Int64?) -> String {
            guard let time, time > 0 else { return "" }
            return ", \(name) after \((time - record.started) / 1_000_000) ms"
        }
        return "; place \(sighting.place), \(plan.bodyLength) bytes"
            + text("asked", record.written) + text("seen", sighting.seenAt) + text("answered", sighting.answeredAt)
            + text("ended", record.ended)
    }

    private var duration: Int64 { record.ended - record.started }

    /// How old a connection was that had carried a call before.
    private var ageOfConnection: Int? {
        guard sighting.place > 0, let written = record.written else { return nil }
        return Int(written - sighting.openedAt) / 1_000_000
    }

    /// The server accepts before the client's clock begins, and has its own pace.
    private var ageLimit: Int { (conditions.maxConnectionAge + conditions.connectTimeout).inMilliseconds + 1_000 }
}

// MARK: - Answered

extension Comparison {
    private func violations(answered answer: CallRecord.Answer) -> [String] {
        var found: [String] = []
        if !plan.isAsynchronous, record.written == nil { found.append("was answered though it was never asked") }
        if !answer.isBodyRight { found.append("has a body that does not belong to \(answer.mark)") }
        guard answer.mark.hasPrefix("\(id).") else {
            return found + (isStray(answer) ? [] : ["got the answer \"\(answer.mark)\" (\(answer.status))"])
        }
        guard let sent = sighting.answer, sent.mark == answer.mark else {
            return found + ["was answered with \(answer.mark), which the server did not send to it"]
        }
        if plan.fault.promise == .unknown || !sent.isComplete { found.append("was answered though not in full") }
        if sent.status != answer.status { found.append("was answered \(answer.status), not \(sent.status)") }
        let length = plan.endsWithHead ? 0 : sent.length
        if answer.length != length { found.append("got \(answer.length) bytes of \(length)") }
        if let isFirst = answer.isFirstExchange, isFirst != (sighting.place == 0) {
            found.append(
                "was the \(sighting.place). on its connection, and told\(isFirst ? "" : " not") to be the first"
            )
        }
        return found
    }

    /// Whether the answer is one that nobody asked for, and that crossed with the request: nothing can tell the two apart.
    private func isStray(_ answer: CallRecord.Answer) -> Bool {
        guard let number = strayNumber(answer.mark) else { return false }
        return (1...conditions.strays).contains(number)
    }

    private func strayNumber(_ mark: String) -> Int? {
        let parts = mark.split(separator: ".")
        return parts.count == 2 && parts[0] == "stray" && conditions.strays > 0 ? Int(parts[1]) : nil
    }
}

// MARK: - Not answered

extension Comparison {
    private func violations(notSent failure: HTTPCallFailure) -> [String] {
        var found: [String] = []
        if sighting.times > 0 { found.append("was not sent (\(failure.kind)), and seen") }
        if failure.status != nil { found.append("was not sent, and has a status") }
        if !isPlausible(notSent: failure) { found.append("was not sent for no reason: \(failure.kind)") }
        return found
    }

    private func isPlausible(notSent failure: HTTPCallFailure) -> Bool {
        switch failure.kind {
        case .invalidRequest, .outOfDescriptors, .outOfPorts, .socketFull, .wrongPeer, .responseTimeout, .framing,
            .bodyTimeout, .answerTooLong, .coding:
            false
        case .nameNotFound, .nameNotResolved: conditions.namesMayFail
        case .connect: conditions.mayBeRefused
        // Of a connection that others waited for as well, perhaps for longer.
        case .connectTimeout: true
        case .closedWhileConnecting, .tls: conditions.isSecure
        case .tunnelRefused, .tunnelFraming: conditions.isProxied && failure.party == .proxy
        case .unsolicitedBytes, .reset, .closedByServer: true
        case .poolTimeout: duration >= waitingTime.milliseconds
        case .deadline: plan.isAsynchronous && duration >= waitingTime.milliseconds
        case .tooLate: plan.lastWord == .no
        case .cancelled: plan.cancelAfter != nil
        case .shutDown: record.isAfterShutdown
        }
    }

    private func violations(unknown failure: HTTPCallFailure) -> [String] {
        var found: [String] = []
        if !plan.isAsynchronous, record.written == nil { found.append("is unknown though it was never asked") }
        if plan.lastWord == .no { found.append("is unknown though its last word was no") }
        guard sighting.times > 0 else { return found + violations(unseen: failure) }
        if failure.onReusedConnection != (sighting.place > 0) {
            found.append("was the \(sighting.place). on its connection, and told otherwise")
        }
        if let status = failure.status, status != sighting.answer?.status { found.append("has the status \(status)") }
        if isOwnEnd(failure) { return found }
        guard sighting.isTreated else { return found }
        guard let cause = AnswerFault.Cause(failure.kind) else {
            return found + ["failed for no reason: \(failure.kind)"]
        }
        switch plan.fault.promise {
        case .answered:
            if sighting.answer?.isComplete == true { found.append("was answered, and failed: \(failure.kind)") }
        case .mayBeAnswered:
            if cause != .end { found.append("failed otherwise than by an end: \(failure.kind)") }
        case .unknown:
            if !plan.fault.causes.contains(cause) { found.append("failed otherwise than it should: \(failure.kind)") }
            if plan.fault.showsStatus, failure.status == nil { found.append("lost its status: \(failure.kind)") }
        }
        return found
    }

    /// Written, and not seen: the server was gone, or went.
    private func violations(unseen failure: HTTPCallFailure) -> [String] {
        if isOwnEnd(failure) { return [] }
        switch AnswerFault.Cause(failure.kind) {
        case .end: return []
        case .tls: return conditions.isSecure ? [] : ["failed in TLS"]
        default: return ["failed though the server saw nothing of it: \(failure.kind)"]
        }
    }

    /// Whether the caller, not the server, ended the call.
    private func isOwnEnd(_ failure: HTTPCallFailure) -> Bool {
        switch failure.kind {
        case .cancelled: plan.cancelAfter != nil
        case .shutDown: record.isAfterShutdown
        case .responseTimeout: plan.responseTimeout < CallPlan.patience
        case .deadline: plan.deadline != nil
        default: false
        }
    }
}

// MARK: - Time

extension Comparison {
    /// How long the call may wait for a connection.
    private var waitingTime: Int { min(plan.latestStart, plan.deadline ?? .max) }

    private func violations(ofTime failure: HTTPCallFailure) -> [String] {
        let answering = min(plan.responseTimeout, plan.deadline ?? .max)
        let written = record.written ?? record.started
        var found: [String] = []
        switch failure.kind {
        case .responseTimeout:
            if record.ended - written < plan.responseTimeout.milliseconds { found.append("ran out of time too early") }
        case .deadline:
            if duration < (plan.deadline ?? CallPlan.patience).milliseconds {
                found.append("reached its deadline too early")
            }
        default: break
        }
        let limit = failure.wasWritten ? waitingTime + answering : waitingTime
        if duration > (limit + Self.slack).milliseconds {
            found.append("ended after \(duration / 1_000_000) ms, \(limit) were allowed: \(failure.kind)")
        }
        return found
    }
}

extension Duration {
    var inMilliseconds: Int { Int(components.seconds) * 1_000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}
