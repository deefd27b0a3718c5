import HTTP
import Synchronization

/// The records of all calls of a round, and how many calls there are in memory.
final class CallRecords: Sendable {
    private let records: Mutex<[CallRecord]>
    private let living = Atomic<Int>(0)

    init(count: Int) {
        records = Mutex(Array(repeating: CallRecord(), count: count))
    }

    func change(_ id: Int, _ change: (inout CallRecord) -> Void) { records.withLock { change(&$0[id]) } }

    var all: [CallRecord] { records.withLock { $0 } }

    /// Calls that nobody has let go.
    var alive: Int { living.load(ordering: .relaxed) }

    func appeared() { living.wrappingAdd(1, ordering: .relaxed) }
    func vanished() { living.wrappingSubtract(1, ordering: .relaxed) }
}

/// A call of the pool, which asks and tells on the reactor's thread.
final class TrialCall: HTTPCall {
    let id: Int
    let plan: CallPlan
    private let records: CallRecords
    private unowned let caller: PoolCaller

    init(id: Int, plan: CallPlan, records: CallRecords, caller: PoolCaller) {
        self.id = id
        self.plan = plan
        self.records = records
        self.caller = caller
        records.appeared()
    }

    deinit { records.vanished() }

    func writeRequest(into buffer: inout [UInt8]) -> Bool {
        var wasAsked = false
        records.change(id) { record in
            wasAsked = record.written != nil || record.endings > 0
            record.written = caller.now
        }
        precondition(!wasAsked, "call \(id) is asked twice, or after its end")
        switch plan.lastWord {
        case .no:
            // What it may do besides.
            caller.isAsked(id)
            return false
        case .yesAndAnother: caller.fill()
        case .yes: break
        }
        if plan.isHead {
            buffer += "HEAD \(TrialRequest.path(id)) HTTP/1.1\r\nHost: \(TrialCertificates.host)\r\n\r\n".utf8
        } else {
            let head = "POST \(TrialRequest.path(id)) HTTP/1.1\r\nHost: \(TrialCertificates.host)"
            buffer += "\(head)\r\nContent-Length: \(plan.bodyLength)\r\n\r\n".utf8
            buffer += TrialRequest.body(id, count: plan.bodyLength)
        }
        return true
    }

    func ended(_ ending: HTTPCallEnding) -> HTTPConnectionUse {
        var use = plan.discards ? HTTPConnectionUse.discard : .keep
        let verdict: CallRecord.Verdict
        switch ending {
        case .answered(let response, let isFirstExchange):
            let answer = CallRecord.Answer(response, isFirstExchange: isFirstExchange)
            // Out of step: what is answered is not what was asked.
            if !answer.mark.hasPrefix("\(id).") { use = .discard }
            verdict = .answered(answer)
        case .failed(let failure): verdict = .failed(failure)
        }
        records.change(id) { record in
            record.endings += 1
            record.ended = caller.now
            record.verdict = verdict
            record.isAfterShutdown = caller.isShuttingDown
        }
        caller.ended(self)
        return use
    }
}
