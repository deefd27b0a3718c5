/// One line on standard error that says how far something is: redrawn in place for a person, now and then otherwise.
///
/// Nothing is shown of what is over soon.
struct ProgressLine {
    private let isInteractive = Terminal.showsErrorsToPerson
    private var next: ContinuousClock.Instant
    private var isDrawn = false

    init() {
        next = .now + (isInteractive ? .milliseconds(500) : .seconds(2))
    }

    /// Shows the text where it is time to.
    mutating func update(_ text: @autoclosure () -> String) {
        guard .now >= next else { return }
        if isInteractive {
            Terminal.writeError("\r\u{1b}[K" + text())
            isDrawn = true
            next = .now + .milliseconds(200)
        } else {
            Terminal.complain(text())
            next = .now + .seconds(5)
        }
    }

    /// Takes the line away, for other output to come.
    mutating func clear() {
        guard isDrawn else { return }
        Terminal.writeError("\r\u{1b}[K")
        isDrawn = false
    }

    /// How much is done, as in `[########------------]  40 %`.
    static func bar(_ done: Int64, of total: Int64) -> String {
        let share = total > 0 ? min(max(Double(done) / Double(total), 0), 1) : 1
        let filled = Int((share * 20).rounded(.down))
        let percent = String(Int((share * 100).rounded(.down)))
        return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: 20 - filled) + "] "
            + String(repeating: " ", count: 3 - percent.count) + percent + " %"
    }
}
