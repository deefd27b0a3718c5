import CommandLineParser
import InstagramMessaging

/// Where `results` begins.
enum ResultsStart: Sendable, Hashable {
    case beginning
    case end
    case moment(Timestamp)

    init(_ text: String) throws {
        switch text {
        case "beginning": self = .beginning
        case "end": self = .end
        default:
            guard let moment = try? OptionText.moment(text) else {
                throw UsageError(
                    "\"\(text)\" is no place to begin; write beginning, end, a moment like 2026-11-21T08:00:00Z, or how"
                        + " long ago, as in 2h"
                )
            }
            self = .moment(moment)
        }
    }
}
