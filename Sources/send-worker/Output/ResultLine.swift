import InstagramMessaging

/// A result in one line for a person.
enum ResultLine {
    static func text(_ result: SendResult) -> String {
        var parts = [
            result.completedAt.rfc3339,
            result.status.rawValue.padding(to: 8),
            result.requestID ?? "-",
            "account=\(result.accountID ?? "-")",
            "attempts=\(result.attempts)",
        ]
        if let messageID = result.messageID { parts.append("message=\(messageID)") }
        if result.possibleDuplicate { parts.append("possible_duplicate") }
        if let error = result.error {
            let code = error.code.map { " \($0)" } ?? ""
            parts.append("\(error.category.rawValue)\(code): \(error.message)")
        }
        return parts.joined(separator: "  ")
    }
}
