import CommandLineParser
import InstagramMessaging
import OperatorTools
import SendEngine
import SendWorker

/// The filters of everything that shows how requests ended.
struct OutcomeOptions: Sendable {
    private static let status = Option<[SendResult.Status]>(
        "--status",
        help: "Only this status: sent, rejected, failed, expired, unknown. May be repeated, as all of these filters.",
        completion: .list(SendResult.Status.allCases.map(\.rawValue)),
        transform: { try OptionText.word($0, as: SendResult.Status.self, named: "status") }
    )
    private static let category = Option<[ErrorCategory]>(
        "--category",
        help: "Only this category, such as token or throttled.",
        completion: .list(ErrorCategory.allCases.map(\.rawValue)),
        transform: { try OptionText.word($0, as: ErrorCategory.self, named: "category") }
    )
    private static let code = Option<[Int]>("--code", help: "Only this error code of Graph's, such as 190.")
    private static let account = Option<[String]>("--account", help: "Only this account.")
    private static let requestID = Option<[String]>("--request-id", help: "Only this request.")
    static let group = ParameterGroup([status, category, code, account, requestID])

    private let statuses: [SendResult.Status]
    private let categories: [ErrorCategory]
    private let codes: [Int]
    private let accountIDs: [String]
    private let requestIDs: [String]

    init(_ values: ParsedValues) {
        statuses = values[Self.status]
        categories = values[Self.category]
        codes = values[Self.code]
        accountIDs = values[Self.account]
        requestIDs = values[Self.requestID]
    }

    /// The filter that the options make, without times.
    var filter: OutcomeFilter {
        var filter = OutcomeFilter()
        filter.statuses = statuses
        filter.categories = categories
        filter.codes = codes
        filter.accountIDs = accountIDs
        filter.requestIDs = requestIDs
        return filter
    }
}

/// The filters of dead letters.
struct DeadLetterOptions: Sendable {
    private static let since = Option<Timestamp?>(
        "--since",
        help: "Only what ended at this moment or later: RFC 3339, or how long ago, as in 2h.",
        transform: OptionText.moment
    )
    private static let until = Option<Timestamp?>(
        "--until",
        help: "Only what ended before this moment, written like --since.",
        transform: OptionText.moment
    )
    static let group = ParameterGroup([OutcomeOptions.group, since, until])

    private let outcome: OutcomeOptions
    private let since: Timestamp?
    private let until: Timestamp?

    init(_ values: ParsedValues) throws {
        outcome = OutcomeOptions(values)
        since = values[Self.since]
        until = values[Self.until]
        if let since, let until, since >= until {
            throw UsageError(
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
            throw UsageError("\"\(text)\" is no \(name); write one of \(known)")
        }
        return word
    }

    /// RFC 3339, or how long ago.
    static func moment(_ text: String) throws -> Timestamp {
        guard let moment = MomentText.parse(text, now: WorkerClock.system.now.wall) else {
            throw UsageError("\"\(text)\" is no moment; write one like \(MomentText.accepted)")
        }
        return moment
    }

    /// Stops a number that is too small for what it counts.
    static func check(_ name: String, _ number: Int?, atLeast least: Int = 1, atMost most: Int = 1_000_000) throws {
        guard let number, !(least...most).contains(number) else { return }
        throw UsageError("\(name) \(number) is not possible; write a number from \(least) to \(most)")
    }
}
