internal import InstagramMessaging

/// How a request ends.
enum Ending {
    case sent(CallOutcome)
    case failed(SendError)
    case expired(SendError)
    case rejected(SendError)
}

extension SendEngine {
    /// Ends a request once and for all; its ending is in the next commit batch.
    mutating func end(_ slot: Int32, _ ending: Ending) {
        let id = recordID(of: slot)
        let termination = termination(of: requests[slot], ending)
        commits.append(CommitBatch.Finished(id: id, termination: termination, isInDoubt: handOverDoubt(of: slot)))
        partitions[id.partition]?.ledger.finish(id.offset)
        discard(slot)
    }

    private func termination(of request: Request, _ ending: Ending) -> Termination {
        var termination = Termination(
            status: .sent,
            attempts: Int(request.attempts),
            possibleDuplicate: request.flags.contains(.resentAfterUnknown),
            completedAt: clock.wall
        )
        switch ending {
        case .sent(let outcome):
            termination.messageID = outcome.messageID
            termination.recipientID = outcome.recipientID
        case .failed(let error): settle(&termination, as: .failed, error, request)
        case .expired(let error): settle(&termination, as: .expired, error, request)
        case .rejected(let error): settle(&termination, as: .rejected, error, request)
        }
        return termination
    }

    /// Nobody may be told that a message was not delivered while one of its calls may have delivered it.
    private func settle(
        _ termination: inout Termination,
        as status: SendResult.Status,
        _ error: SendError,
        _ request: Request
    ) {
        termination.error = error
        let isDoubtful = request.mayBeDelivered || request.flags.contains(.lastWasUnknown)
        termination.status = isDoubtful ? .unknown : status
        if isDoubtful, !request.flags.contains(.lastWasUnknown) {
            termination.error?.message = "An earlier call may have delivered the message. \(error.message)"
        }
    }
}
