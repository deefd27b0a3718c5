import InstagramMessaging

@testable import GraphSimulator

let account = "17841400000000001"

func textBody(_ text: String, to recipient: String = "1001") -> String {
    #"{"recipient":{"id":"\#(recipient)"},"message":{"text":"\#(text)"}}"#
}

func attachmentBody(_ type: String, to recipient: String = "1001") -> String {
    """
    {"recipient":{"id":"\(recipient)"},
     "message":{"attachment":{"type":"\(type)","payload":{"url":"https://example.com/a.bin"}}}}
    """
}

func privateReplyBody(comment: String, text: String = "thanks") -> String {
    #"{"recipient":{"comment_id":"\#(comment)"},"message":{"text":"\#(text)"}}"#
}

func typingBody(to recipient: String = "1001") -> String {
    #"{"recipient":{"id":"\#(recipient)"},"sender_action":"typing_on"}"#
}

func moment(seconds: Double) -> Moment {
    Moment(
        nanoseconds: Int64(seconds * 1e9),
        wall: Timestamp(millisecondsSinceEpoch: 1_700_000_000_000 + Int64(seconds * 1000))
    )
}

extension MessagesEndpoint {
    /// Makes a whole call at one moment; nil where the connection is reset before the body.
    mutating func call(
        _ body: String,
        from accountID: String = account,
        at seconds: Double = 0,
        token: String? = "token",
        proof: String? = nil
    ) -> EndpointReply? {
        let arrival = moment(seconds: seconds)
        guard let number = begin(accountID: accountID, at: arrival) else { return nil }
        return finish(
            MessagesRequest(
                accountID: accountID,
                number: number,
                arrival: arrival,
                token: token,
                proof: proof,
                marker: nil,
                call: BodyReader.read(Array(body.utf8))
            )
        )
    }
}

extension EndpointReply {
    var answer: HTTPAnswer? {
        if case .answer(let answer) = action { answer } else { nil }
    }

    var json: JSONNode? { answer.flatMap { try? JSONParser.parse($0.body) } }

    /// Code and subcode of the error answered, such as `100/2534015`; nil for no error.
    var error: String? { json?.errorCodes }
}

extension JSONNode {
    var errorCodes: String? {
        guard let error = self["error"], case .integer(let code)? = error["code"] else { return nil }
        if case .integer(let subcode)? = error["error_subcode"] { return "\(code)/\(subcode)" }
        return "\(code)"
    }
}
