/// A whole HTTP answer.
struct HTTPAnswer: Sendable, Hashable {
    /// How it goes out.
    enum Course: Sendable, Hashable {
        case whole
        /// Half of the body, and then nothing.
        case stalls
        /// The same bytes once more, so long after it.
        case comesTwice(after: Duration)
        /// A farewell on the idle connection, so long after it.
        case endsConnection(after: Duration)
    }

    var status: Int
    var contentType = "application/json; charset=UTF-8"
    /// Besides the content's type and length.
    var headers: [String: String] = [:]
    var body: [UInt8]
    var course = Course.whole
}

extension HTTPAnswer {
    /// Graph's answer to an accepted call; sender actions get no `message_id`, only what is kept has an `attachment_id`.
    static func accepted(recipientID: String, messageID: String?, attachmentID: String? = nil) -> HTTPAnswer {
        let body = JSONNode.object([
            "recipient_id": .string(recipientID),
            "message_id": .string(messageID),
            "attachment_id": .string(attachmentID),
        ])
        return HTTPAnswer(status: 200, body: body.encoded)
    }

    static func error(_ answer: GraphErrorAnswer, traceID: String) -> HTTPAnswer {
        let error = JSONNode.object([
            "message": .string(answer.message),
            "type": .string(answer.type),
            "is_transient": .bool(answer.isTransient),
            "code": .integer(answer.code),
            "error_subcode": .integer(answer.subcode),
            "fbtrace_id": .string(traceID),
        ])
        var headers: [String: String] = [:]
        headers["Retry-After"] = answer.retryAfterSeconds.map(String.init)
        return HTTPAnswer(status: answer.status, headers: headers, body: JSONNode.object(["error": error]).encoded)
    }

    /// What a gateway in front of Graph answers.
    static func htmlPage(status: Int) -> HTTPAnswer {
        let page = "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>\(status)</h1></body></html>"
        return HTTPAnswer(status: status, contentType: "text/html; charset=utf-8", body: Array(page.utf8))
    }

    /// The same answer with a body that ends in its middle.
    var truncated: HTTPAnswer {
        var answer = self
        answer.body = Array(body.prefix(body.count / 2))
        return answer
    }

    /// The same answer with Graph's usage header of the application.
    func withUsage(ofApplication percent: Int) -> HTTPAnswer {
        var answer = self
        answer.headers["X-App-Usage"] = "{\(Self.usage(percent))}"
        return answer
    }

    /// The same answer with Graph's usage header of an account.
    func withUsage(accountID: String, percent: Int, regainMinutes: Int) -> HTTPAnswer {
        let usage = Self.usage(percent)
        var answer = self
        answer.headers["X-Business-Use-Case-Usage"] =
            "{\"\(accountID)\":[{\"type\":\"instagram\",\(usage),"
            + "\"estimated_time_to_regain_access\":\(regainMinutes)}]}"
        return answer
    }

    private static func usage(_ percent: Int) -> String {
        "\"call_count\":\(percent),\"total_cputime\":\(percent / 2),\"total_time\":\(percent / 2)"
    }
}
