import InstagramMessaging

/// Records of the requests topic, built from the parts a test is about.
enum SampleRecord {
    static let now = Timestamp(rfc3339: "2026-03-01T12:00:00Z")!

    static let text = #""message":{"text":"hi"}"#

    /// A record with a valid envelope and those Graph members, given as JSON members.
    static func json(_ members: String, recipient: String = #"{"id":"17841400000000001"}"#, extra: String = "")
        -> String
    {
        #"{"request_id":"r-1","account_id":"17841405822304914","recipient":\#(recipient),\#(members)\#(extra)}"#
    }

    static func message(_ members: String) -> String { json("\"message\":{\(members)}") }

    static func attachment(_ type: String, url: String) -> String {
        message(#""attachment":{"type":"\#(type)","payload":{"url":"\#(url)"}}"#)
    }

    static func template(_ members: String) -> String {
        message(#""attachment":{"type":"template","payload":{\#(members)}}"#)
    }

    static func elements(_ elements: String) -> String {
        template(#""template_type":"generic","elements":[\#(elements)]"#)
    }

    static func buttons(_ buttons: String, text: String = "Choose") -> String {
        template(#""template_type":"button","text":"\#(text)","buttons":[\#(buttons)]"#)
    }

    static let webButton = #"{"type":"web_url","title":"Open","url":"https://example.com/a"}"#

    static func repeated(_ element: String, _ count: Int) -> String {
        Array(repeating: element, count: count).joined(separator: ",")
    }
}

/// Judges JSON text at `SampleRecord.now`.
func judge(_ json: String, _ options: RequestDecoder.Options = .init(), now: Timestamp = SampleRecord.now)
    -> RequestVerdict
{
    RequestDecoder(options: options).decode(Array(json.utf8), now: now)
}

/// The broken rules of JSON text, each as `pointer rule`.
func brokenRules(_ json: String, _ options: RequestDecoder.Options = .init(), now: Timestamp = SampleRecord.now)
    -> [String]
{
    judge(json, options, now: now).rejection?.error.violations.map { "\($0.field) \($0.rule)" } ?? []
}

extension RequestVerdict {
    var acceptance: AcceptedRequest? {
        if case .accepted(let accepted) = self { accepted } else { nil }
    }

    var rejection: RejectedRequest? {
        if case .rejected(let rejected) = self { rejected } else { nil }
    }
}
