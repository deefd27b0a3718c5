import ArgumentParser
import InstagramMessaging
import SendEngine
import SendWorker

/// The filters of everything that shows how requests ended.
struct OutcomeOptions: ParsableArguments {
    @Option(
        help: "Only this status: sent, rejected, failed, expired, unknown. May be repeated, as all of these filters.",
        transform: { try OptionText.word($0, as: SendResult.Status.self, named: "status") }
    )
    var status: [SendResult.Status] = []

    @Option(
        help: "Only this category, such as token or throttled.",
        transform: { try OptionText.word($0, as: ErrorCategory.self, named: "category") }
    )
    var category: [ErrorCategory] = []

    @Option(help: "Only this error code of Graph's, such as 190.")
    var code: [Int] = []

    @Option(help: "Only this account.")
    var account: [String] = []

    @Option(help: "Only this request.")
    var requestId: [String] = []

    /// The filter that the options make, without times.
    var filter: OutcomeFilter {
        var filter = OutcomeFilter()
        filter.statuses = status
        filter.categories = category
        filter.codes = code
        filter.accountIDs = account
        filter.requestIDs = requestId
        return filter
    }
}

/// The filters of dead letters.
struct DeadLetterOptions: ParsableArguments {
    @OptionGroup var outcome: OutcomeOptions

    @Option(
        help: "Only what ended at this moment or later: RFC 3339, or how long ago, as in 2h.",
        transform: OptionText.moment
    )
    var since: Timestamp?

    @Option(help: "Only what ended before this moment, written like --since.", transform: OptionText.moment)
    var until: Timestamp?

    func validate() throws {
        if let since, let until, since >= until {
            throw ValidationError(
                "nothing can lie between --since \(since.rfc3339) and --until \(until.rfc3339); --since has to be earlier"
            )
        }
    }

    var filter: OutcomeFilter {
        var filter = outcome.filter
        filter.since = since
        filter.until = until
        return filter
    }
}

/// Reads the values of options.
enum OptionText {
    /// One of a few words.
    static func word<Word: RawRepresentable<String> & CaseIterable>(
        _ text: String,
        as type: Word.Type,
        named name: String
    ) throws -> Word {
        guard let word = Word(rawValue: text) else {
            let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("\"\(text)\" is no \(name); write one of \(known)")
        }
        return word
    }

    /// RFC 3339, or how long ago.
    static func moment(_ text: String) throws -> Timestamp {
        guard let moment = MomentText.parse(text, now: WorkerClock.system.now.wall) else {
            throw ValidationError("\"\(text)\" is no moment; write one like \(MomentText.accepted)")
        }
        return moment
    }

    /// Stops a number that is too small for what it counts.
    static func check(_ name: String, _ number: Int?, atLeast least: Int = 1, atMost most: Int = 1_000_000) throws {
        guard let number, !(least...most).contains(number) else { return }
        throw ValidationError("\(name) \(number) is not possible; write a number from \(least) to \(most)")
    }
}
