/// The latest answers, a bounded number of them. Times are nanoseconds on the monotonic clock.
struct AnswerMemory {
    private var answers: [MediaFile: (finding: MediaFinding, expiry: Int64)] = [:]
    /// The files in the order their answers came, which is the order they expire in.
    private var order: [MediaFile] = []
    /// How many at the front of `order` are forgotten already.
    private var forgotten = 0
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = max(capacity, 1)
    }

    /// How many answers are kept.
    var count: Int { answers.count }

    /// The answer for a file, unless it is too old.
    func finding(for file: MediaFile, at time: Int64) -> MediaFinding? {
        guard let answer = answers[file], answer.expiry > time else { return nil }
        return answer.finding
    }

    /// Keeps an answer, and forgets the oldest where there are too many.
    mutating func remember(_ finding: MediaFinding, for file: MediaFile, until expiry: Int64) {
        if answers.updateValue((finding, expiry), forKey: file) == nil {
            order.append(file)
        } else if let place = order[forgotten...].firstIndex(of: file) {
            order.remove(at: place)
            order.append(file)
        }
        if answers.count > capacity {
            answers[order[forgotten]] = nil
            forgotten += 1
        }
        if forgotten > capacity {
            order.removeFirst(forgotten)
            forgotten = 0
        }
    }
}
