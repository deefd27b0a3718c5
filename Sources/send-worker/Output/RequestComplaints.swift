import InstagramMessaging

/// What is wrong with a request, a line for every broken rule.
enum RequestComplaints {
    /// Nothing for a request that keeps the rules.
    static func lines(_ verdict: RequestVerdict, at location: String) -> [String] {
        guard case .rejected(let rejected) = verdict else { return [] }
        let name = rejected.requestID.map { " (\($0))" } ?? ""
        guard !rejected.error.violations.isEmpty else { return ["\(location)\(name): \(rejected.error.message)"] }
        return rejected.error.violations.map { violation in
            let field = violation.field.isEmpty ? "" : "\(violation.field): "
            return "\(location)\(name): \(field)\(violation.message) [\(violation.rule)]"
        }
    }
}
