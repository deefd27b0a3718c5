import InstagramMessaging

/// What `validate --json` prints of a request.
struct ValidationLine {
    private let verdict: RequestVerdict
    private let location: String

    init(_ verdict: RequestVerdict, at location: String) {
        self.verdict = verdict
        self.location = location
    }

    var json: String {
        switch verdict {
        case .accepted(let accepted):
            return object(requestID: accepted.request.requestID, isValid: true, error: nil)
        case .rejected(let rejected):
            return object(requestID: rejected.requestID, isValid: false, error: rejected.error)
        }
    }

    private func object(requestID: String?, isValid: Bool, error: SendError?) -> String {
        var members = [#""location":\#(quoted(location))"#, #""request_id":\#(requestID.map(quoted) ?? "null")"#]
        members.append(#""valid":\#(isValid)"#)
        if let error {
            let violations = error.violations.map {
                #"{"field":\#(quoted($0.field)),"rule":\#(quoted($0.rule)),"message":\#(quoted($0.message))}"#
            }
            members.append(#""category":\#(quoted(error.category.rawValue))"#)
            members.append(#""message":\#(quoted(error.message))"#)
            members.append(#""violations":[\#(violations.joined(separator: ","))]"#)
        }
        return "{\(members.joined(separator: ","))}"
    }

    private func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
