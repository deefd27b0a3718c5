/// What a connection of the trial is: bare, over TLS, or over TLS through a proxy.
package enum TrialMode: String, CaseIterable, Sendable {
    case plain, tls, proxy
}

/// What one call does, decided by its number: the server knows it too.
struct CallPlan: Sendable {
    /// The last word of a call.
    enum LastWord: Sendable {
        case yes, no
        /// Yes, after another call was started within it.
        case yesAndAnother
    }

    var fault: AnswerFault
    /// By the client for tasks, not by the pool.
    var isAsynchronous = false
    var bodyLength = 0
    var isHead = false
    var endsWithHead = false
    /// After the answer the connection is not to be used any more.
    var discards = false
    var lastWord = LastWord.yes
    /// In milliseconds, as the others.
    var latestStart = patience
    var responseTimeout = patience
    var deadline: Int?
    var cancelAfter: Int?
    /// Whether the next call is started within the end of this one.
    var goesOnAtOnce = false
    /// Whether what it asks for may come first.
    var isPatient = true

    static let patience = 20_000

    init(id: Int, seed: UInt64, isSecure: Bool) {
        var draw = Draw(seed: seed, .call, id)
        fault = AnswerFault.draw(&draw, isSecure: isSecure)
        isAsynchronous = draw.isHit(percent: 12)
        drawRequest(&draw)
        drawLimits(&draw)
        discards = !isAsynchronous && draw.isHit(percent: 2)
        goesOnAtOnce = draw.isHit(percent: 60)
    }

    /// A call with all the time it needs, to a server without faults.
    init(honest id: Int, seed: UInt64) {
        var draw = Draw(seed: seed, .call, id)
        fault = .length
        drawRequest(&draw)
        goesOnAtOnce = draw.isHit(percent: 60)
    }

    private mutating func drawRequest(_ draw: inout Draw) {
        switch fault {
        case .headOnly: isHead = true
        case .length, .chunked:
            isHead = draw.isHit(percent: 5)
            endsWithHead = isAsynchronous && draw.isHit(percent: 10)
        default: break
        }
        if isHead { return }
        let isLong = fault.wantsLongRequest || draw.isHit(percent: 1)
        bodyLength = isLong ? draw.number(in: 100_000...1_000_000) : draw.number(in: 0...1_200)
    }

    private mutating func drawLimits(_ draw: inout Draw) {
        if fault.needsTimeout {
            responseTimeout = draw.number(in: 30...90)
            if isAsynchronous { deadline = responseTimeout }
        }
        guard draw.isHit(percent: 20) else { return }
        isPatient = false
        let moment = draw.number(in: 0...20)
        switch draw.number(in: 0...9) {
        case 0...3: cancelAfter = moment
        case 4: latestStart = moment
        case 5: responseTimeout = moment
        case 6: deadline = moment
        case 7: lastWord = .yesAndAnother
        default: lastWord = .no
        }
        if isAsynchronous, lastWord != .yes || latestStart != Self.patience || responseTimeout == moment {
            lastWord = .yes
            deadline = moment
        }
    }
}

/// The plans of all calls of a round.
struct CallPlans: Sendable {
    private let plans: [CallPlan]

    init(count: Int, seed: UInt64, mode: TrialMode) {
        plans = (0..<count).map { CallPlan(id: $0, seed: seed, isSecure: mode != .plain) }
    }

    init(honest count: Int, seed: UInt64) {
        plans = (0..<count).map { CallPlan(honest: $0, seed: seed) }
    }

    var count: Int { plans.count }
    var indices: Range<Int> { plans.indices }

    subscript(id: Int) -> CallPlan {
        // Whatever number the server reads, it gets a plan; that nobody made the call is noted.
        plans[plans.indices.contains(id) ? id : 0]
    }
}
