/// The `error` object of a Graph answer, as far as it can be understood. Any member may be missing or of another type.
struct GraphErrorBody: Hashable {
    private static let longestMessage = 300
    private static let longestTraceID = 100
    /// 2 to the power of 53: up to here a Double holds every integer.
    private static let largestExactInteger = 9_007_199_254_740_992.0

    var code: Int?
    var subcode: Int?
    /// Graph's own words, cleaned and bounded; localised, so nothing is decided by them.
    var message: String?
    /// What Graph would show to a person; it often says more than the message.
    var title: String?
    var traceID: String?

    init(_ error: JSONValue) {
        code = Self.integer(error["code"])
        subcode = Self.integer(error["error_subcode"])
        message = Self.text(error["message"]) ?? Self.text(error["error_user_msg"])
        title = Self.text(error["error_user_title"]).flatMap { $0 == message ? nil : $0 }
        traceID = error["fbtrace_id"]?.string.flatMap(Self.traceID)
    }

    /// The code and the subcode as documentation writes them: `10/2534022`.
    var name: String? {
        guard let code else { return nil }
        return subcode.map { "\(code)/\($0)" } ?? "\(code)"
    }

    /// A whole number, also where it is written as `10.0` or `"10"`.
    private static func integer(_ value: JSONValue?) -> Int? {
        let text: String
        switch value?.content {
        case .number(let digits), .string(let digits): text = digits
        default: return nil
        }
        if let number = Int(text) { return number }
        guard let number = Double(text), abs(number) <= largestExactInteger else { return nil }
        let whole = Int(number)
        return Double(whole) == number ? whole : nil
    }

    private static func text(_ value: JSONValue?) -> String? {
        guard let text = value?.string else { return nil }
        let cleaned = SafeText.cleaned(text, limit: longestMessage)
        return cleaned.isEmpty ? nil : cleaned
    }

    /// A trace id is only passed on where it is a short run of visible ASCII characters.
    private static func traceID(_ text: String) -> String? {
        let isUsable = !text.isEmpty && text.utf8.count <= longestTraceID && text.utf8.allSatisfy { 0x21...0x7E ~= $0 }
        return isUsable ? SafeText.cleaned(text, limit: longestTraceID) : nil
    }
}
