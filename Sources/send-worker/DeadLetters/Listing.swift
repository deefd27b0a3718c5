import InstagramMessaging
import KafkaClient
import OperatorTools
import SendWorker

/// Turns dead letters into what is printed of them. Memory is bounded by a block, or by what was asked for.
struct Listing {
    /// What is wanted.
    enum Form: Sendable, Hashable {
        /// As they come.
        case stream
        /// All, each block in the order of time.
        case blocks
        /// The newest, in the order of time.
        case newest(Int)
        /// How many of each cause.
        case counts
    }

    private static let block = 5_000

    private let form: Form
    private let printsJSON: Bool
    private var table = DeadLetterTable()
    private var kept: [DeadLetter] = []
    private var counts = DeadLetterCounts()

    init(form: Form, printsJSON: Bool) {
        // JSON is for programs: they can sort, and lines should come at once.
        self.form = printsJSON && form == .blocks ? .stream : form
        self.printsJSON = printsJSON
    }

    /// How many have come.
    var count: Int { counts.total }

    /// The lines that can be printed now.
    mutating func take(_ letters: [DeadLetter]) -> [String] {
        for letter in letters { counts.add(letter) }
        switch form {
        case .counts: return []
        case .stream: return lines(letters)
        case .blocks:
            kept += letters.map { letter in
                var slim = letter
                slim.record.value = nil
                return slim
            }
            guard kept.count >= Self.block else { return [] }
            return finishBlock()
        case .newest(let limit):
            kept += letters
            if kept.count > 2 * limit { keepNewest(limit) }
            return []
        }
    }

    /// The lines that are left at the end.
    mutating func finish() -> [String] {
        switch form {
        case .stream: return []
        case .blocks: return finishBlock()
        case .newest(let limit):
            keepNewest(limit)
            return finishBlock()
        case .counts:
            if printsJSON { return [counts.json] }
            return counts.total == 0 ? [] : DeadLetterTable.lines(counts)
        }
    }

    private mutating func finishBlock() -> [String] {
        defer { kept = [] }
        return lines(kept.sorted { $0.time < $1.time })
    }

    private mutating func keepNewest(_ limit: Int) {
        kept = Array(kept.sorted { $0.time < $1.time }.suffix(limit))
    }

    private mutating func lines(_ letters: [DeadLetter]) -> [String] {
        printsJSON ? letters.map(\.json) : table.lines(letters)
    }
}
