import HTTP

/// The sums of one round, or of several.
package struct TrialReport: Sendable {
    package struct Verdicts: Sendable, Equatable {
        package var answered = 0
        /// Answered by what nobody asked for and what crossed with the request.
        package var strays = 0
        package var unknown = 0
        package var notSent = 0

        package var sum: Int { answered + strays + unknown + notSent }

        static func + (left: Verdicts, right: Verdicts) -> Verdicts {
            Verdicts(
                answered: left.answered + right.answered,
                strays: left.strays + right.strays,
                unknown: left.unknown + right.unknown,
                notSent: left.notSent + right.notSent
            )
        }
    }

    package var exchanges = 0
    package var connections = 0
    /// By how the server treated the request.
    package var verdicts: [String: Verdicts] = [:]
    /// How often each fault of a connection happened.
    package var faults: [String: Int] = [:]
    /// Why calls were not sent or unknown.
    package var reasons: [String: Int] = [:]
    package var unknownOnReusedConnection = 0
    /// What does not fit together.
    package var violations: [String] = []

    package init() {}

    package var total: Verdicts { verdicts.values.reduce(Verdicts(), +) }

    package mutating func add(_ other: TrialReport) {
        exchanges += other.exchanges
        connections += other.connections
        verdicts.merge(other.verdicts, uniquingKeysWith: +)
        faults.merge(other.faults, uniquingKeysWith: +)
        reasons.merge(other.reasons, uniquingKeysWith: +)
        unknownOnReusedConnection += other.unknownOnReusedConnection
        violations += other.violations
    }
}

extension TrialReport {
    /// Compares all calls of a round.
    init(_ plans: CallPlans, _ records: [CallRecord], _ sightings: Sightings, _ conditions: Comparison.Conditions) {
        exchanges = plans.count
        connections = sightings.connections
        faults = sightings.faults
        violations = sightings.problems
        var takenStrays: Set<String> = []
        var unseen = 0
        for id in plans.indices {
            let record = records[id]
            let sighting = sightings[id]
            let comparison = Comparison(
                id: id,
                plan: plans[id],
                record: record,
                sighting: sighting,
                conditions: conditions
            )
            let found = comparison.violations()
            let times = found.isEmpty ? "" : comparison.times
            for violation in found { note("\(violation)\(times)", id, plans[id]) }
            count(record, plans[id])
            switch record.verdict {
            case .answered(let answer) where answer.mark.hasPrefix("stray."):
                if !takenStrays.insert(answer.mark).inserted { violations.append("\(answer.mark) answers two calls") }
            case .failed(let failure) where failure.wasWritten && sighting.times == 0: unseen += 1
            default: break
            }
        }
        if sightings.orphans > unseen {
            violations.append("bytes of \(sightings.orphans) requests came, \(unseen) can have been written")
        }
    }

    private mutating func note(_ violation: String, _ id: Int, _ plan: CallPlan) {
        violations.append("call \(id) (\(plan.fault.rawValue)) \(violation)")
    }

    private mutating func count(_ record: CallRecord, _ plan: CallPlan) {
        var verdicts = Verdicts()
        switch record.verdict {
        case .answered(let answer) where answer.mark.hasPrefix("stray."): verdicts.strays += 1
        case .answered: verdicts.answered += 1
        case .failed(let failure) where failure.wasWritten:
            verdicts.unknown += 1
            reasons["unknown: \(failure.words)", default: 0] += 1
            if failure.onReusedConnection, !plan.isAsynchronous { unknownOnReusedConnection += 1 }
        case .failed(let failure):
            verdicts.notSent += 1
            reasons["not sent: \(failure.words)", default: 0] += 1
        case nil: break
        }
        self.verdicts[plan.fault.rawValue, default: Verdicts()] =
            self.verdicts[plan.fault.rawValue, default: Verdicts()] + verdicts
    }
}

extension TrialReport: CustomStringConvertible {
    package var description: String {
        var lines = ["server's treatment      answered  stray  unknown  not sent"]
        for (fault, verdicts) in verdicts.sorted(by: { $0.key < $1.key }) { lines.append(Self.line(fault, verdicts)) }
        lines.append(Self.line("all", total))
        lines.append("\(connections) connections")
        lines += faults.sorted { $0.key < $1.key }.map { "  \(Self.padded("\($0.value)", 8))  \($0.key)" }
        lines.append("why calls have no answer")
        lines += reasons.sorted { $0.value > $1.value }.map { "  \(Self.padded("\($0.value)", 8))  \($0.key)" }
        return lines.joined(separator: "\n")
    }

    private static func line(_ name: String, _ verdicts: Verdicts) -> String {
        let numbers = [(verdicts.answered, 8), (verdicts.strays, 7), (verdicts.unknown, 9), (verdicts.notSent, 10)]
        let name = name + String(repeating: " ", count: max(24 - name.count, 1))
        return name + numbers.map { padded("\($0.0)", $0.1) }.joined()
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(width - text.count, 0)) + text
    }
}
