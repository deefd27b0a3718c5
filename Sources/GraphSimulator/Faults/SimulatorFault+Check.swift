/// A fault that cannot be set, with what would be right.
package struct InvalidFault: Error, Hashable, CustomStringConvertible {
    package var description: String
}

extension SimulatorFault {
    /// Throws where the fault's numbers or its scope make no sense.
    func check() throws(InvalidFault) {
        func refuse(_ reason: String) -> InvalidFault { InvalidFault(description: "\(effect.name): \(reason)") }
        guard (0...1).contains(share) else { throw refuse("share \(share) must be from 0 to 1") }
        if let count, count < 1 { throw refuse("count \(count) must be at least 1; leave it out for no end") }
        if let duration, duration <= .zero {
            throw refuse("it must last longer than nothing; leave the time out for no end")
        }
        if case .resetBeforeBody = effect, recipient != nil {
            throw refuse("cannot be set for a recipient: the body that names it is not read; set it for an account")
        }
        for status in effect.statuses where !(200...599).contains(status) {
            throw refuse("status \(status) must be from 200 to 599")
        }
        for delay in effect.delays where delay < .zero || delay > .seconds(3600) {
            throw refuse("a delay must be from 0s to 1h")
        }
    }
}

extension FaultEffect {
    fileprivate var statuses: [Int] {
        switch self {
        case .error(let answer, _), .throttle(let answer): [answer.status]
        case .htmlPage(let status, _), .endpointDown(let status): [status]
        case .odd(let answer): answer.basis.status.map { [$0] } ?? []
        default: []
        }
    }

    fileprivate var delays: [Duration] {
        switch self {
        case .latency(let fixed, let jitter): [fixed, jitter]
        case .replyDelayed(let delay): [delay]
        case .odd(let answer): [answer.after]
        default: []
        }
    }
}
