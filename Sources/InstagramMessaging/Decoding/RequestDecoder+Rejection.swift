extension RequestDecoder {
    /// The verdict on a record that cannot be read as a request at all.
    static func malformed(_ rule: RuleID, _ message: String, _ salvaged: SalvagedEnvelope) -> RequestVerdict {
        let violation = Violation(field: "", rule: rule.rawValue, message: message)
        let error = SendError(category: .malformedRecord, message: message, violations: [violation])
        return .rejected(RejectedRequest(salvaged, error: error, status: .rejected))
    }

    /// The verdict on bytes that are not JSON.
    static func malformed(_ error: JSONError, _ salvaged: SalvagedEnvelope) -> RequestVerdict {
        let rule: RuleID =
            switch error.reason {
            case .duplicateMember: .recordDuplicateMember
            case .tooDeep: .recordTooDeep
            default: .recordNotJSON
            }
        return malformed(rule, "the record cannot be read: \(error.description)", salvaged)
    }

    /// The verdict on a record that was read and breaks rules.
    static func rejection(of reading: RequestReading, _ salvaged: SalvagedEnvelope) -> RequestVerdict {
        let category = category(of: reading)
        let error = SendError(category: category, message: summary(of: reading), violations: reading.violations)
        let status: SendResult.Status = category == .expired ? .expired : .rejected
        return .rejected(RejectedRequest(salvaged, error: error, status: status))
    }

    /// A fault of the request itself outweighs a deadline: sending it earlier would not have helped. The caller's own
    /// deadline outweighs the platform's.
    private static func category(of reading: RequestReading) -> ErrorCategory {
        if reading.hasWrongType { return .malformedRecord }
        let deadlines = [RuleID.expired.rawValue, RuleID.windowClosed.rawValue]
        if reading.violations.contains(where: { !deadlines.contains($0.rule) }) { return .invalidRequest }
        return reading.violations.contains { $0.rule == RuleID.expired.rawValue } ? .expired : .outsideWindow
    }

    private static func summary(of reading: RequestReading) -> String {
        guard let first = reading.violations.first else { return "the request could not be read" }
        let place = first.field.isEmpty ? "the record" : first.field
        let more = reading.violations.count + reading.omittedCount - 1
        let rest = more == 0 ? "" : " (and \(more) more broken \(more == 1 ? "rule" : "rules"))"
        return "\(place): \(first.message)\(rest)"
    }
}

extension RejectedRequest {
    fileprivate init(_ salvaged: SalvagedEnvelope, error: SendError, status: SendResult.Status) {
        self.init(
            requestID: salvaged.requestID,
            accountID: salvaged.accountID,
            recipientID: salvaged.recipientID,
            context: salvaged.context,
            error: error,
            status: status
        )
    }
}
