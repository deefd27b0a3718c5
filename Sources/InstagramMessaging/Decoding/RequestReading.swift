/// One pass over a record: where it stands, and what it has found wrong so far.
///
/// Its extensions read one part of a request each. A part that breaks a rule is reported and reading goes on, so that
/// all broken rules are found at once; what could not be read is nil.
struct RequestReading {
    let options: RequestDecoder.Options
    private(set) var violations: [Violation] = []
    /// Broken rules that were found after the list was full.
    private(set) var omittedCount = 0
    /// True where a member has another JSON type than the contract gives it.
    private(set) var hasWrongType = false
    /// The names and indices that lead to the object being read.
    private var path: [String] = []

    init(options: RequestDecoder.Options) {
        self.options = options
    }

    /// True where no rule has been found broken.
    var isClean: Bool { violations.isEmpty }

    /// Reports a broken rule at a member of the object being read, or at the object itself.
    ///
    /// The message is composed only while the list has room. It never holds text that a person is to read, URLs or
    /// ids: results and logs repeat it.
    mutating func report(_ rule: RuleID, at member: String? = nil, _ message: @autoclosure () -> String) {
        if rule == .memberType { hasWrongType = true }
        guard violations.count < RequestDecoder.maximumViolations else {
            omittedCount += 1
            return
        }
        let field = JSONPointer.text(path + (member.map { [$0] } ?? []))
        violations.append(Violation(field: field, rule: rule.rawValue, message: message()))
    }

    /// Reads something below a member of the object being read.
    mutating func within<Result>(_ member: String, _ read: (inout Self) -> Result) -> Result {
        path.append(member)
        defer { path.removeLast() }
        return read(&self)
    }
}

/// JSON Pointers (RFC 6901).
enum JSONPointer {
    /// The pointer that goes through those names and indices.
    static func text(_ steps: [String]) -> String {
        steps.reduce(into: "") { pointer, step in
            pointer += "/"
            for scalar in step.unicodeScalars {
                switch scalar {
                case "~": pointer += "~0"
                case "/": pointer += "~1"
                default: pointer.unicodeScalars.append(scalar)
                }
            }
        }
    }
}
