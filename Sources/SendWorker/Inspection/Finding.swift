/// One thing that was looked at before a start, and what came of it. Holds no secret.
package struct Finding: Sendable, Hashable {
    package enum Level: String, Sendable, Hashable {
        case ok
        /// The worker would start, and something is probably not meant.
        case warning
        /// The worker would not start, or could not do its work.
        case problem
    }

    /// What was looked at.
    package enum Area: String, Sendable, Hashable, CaseIterable {
        case configuration
        case kafka
        case topics
        case group
        case transactions
        case tokens
        case graph
    }

    package var level: Level
    package var area: Area
    /// What was found, in one line.
    package var text: String
    /// What to do about it; nil where all is well.
    package var remedy: String?
    /// What a problem makes of the exit code; nil for all else.
    package var kind: WorkerFailure.Kind?

    static func ok(_ area: Area, _ text: String) -> Finding {
        Finding(level: .ok, area: area, text: text)
    }

    static func warning(_ area: Area, _ text: String, remedy: String) -> Finding {
        Finding(level: .warning, area: area, text: text, remedy: remedy)
    }

    /// - Parameter kind: `configuration` where somebody has to put something right, `failed` where something does not
    ///   answer as it should.
    static func problem(_ area: Area, _ kind: WorkerFailure.Kind, _ text: String, remedy: String) -> Finding {
        Finding(level: .problem, area: area, text: text, remedy: remedy, kind: kind)
    }
}
