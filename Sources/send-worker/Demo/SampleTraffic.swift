import InstagramMessaging

/// A few hundred requests as a backend would publish them: all kinds, twenty accounts, five conversations each, and among
/// them some that are wrong.
struct SampleTraffic: Sendable {
    /// The number of accounts that send.
    static let accountCount = 20
    /// The number of conversations of each account.
    static let conversationsPerAccount = 5
    static let roundsPerConversation = 4

    /// The requests in the order they are published.
    let requests: [SampleRequest]
    /// The account that Graph throttles for a while.
    let throttledAccount = accountID(7)
    /// A person whom Graph refuses to message: the window is closed.
    let closedRecipient = recipientID(account: 3, conversation: 4)
    /// A person whose message is accepted while the answer is lost; sent `at_most_once`.
    let lostRecipient = recipientID(account: 11, conversation: 4)

    init() {
        var builder = Builder()
        for round in 0..<Self.roundsPerConversation {
            for account in 0..<Self.accountCount {
                for conversation in 0..<Self.conversationsPerAccount {
                    builder.addValid(account: account, conversation: conversation, round: round)
                }
            }
            builder.addBroken(round: round)
        }
        requests = builder.requests
    }

    static func accountID(_ account: Int) -> String { "178414000000\(100 + account)" }

    static func recipientID(account: Int, conversation: Int) -> String { "90210\(100 + account)\(conversation)" }
}

extension SampleTraffic {
    private struct Builder {
        var requests: [SampleRequest] = []

        private mutating func nextID() -> String { "demo-\(1_000 + requests.count)" }

        mutating func addValid(account: Int, conversation: Int, round: Int) {
            let requestID = nextID()
            let accountID = SampleTraffic.accountID(account)
            let isLast = conversation == SampleTraffic.conversationsPerAccount - 1
            let isClosed = account == 3 && isLast
            let isLost = account == 11 && isLast && round == 0
            let turn = account + conversation * 3 + round * 7
            let content = isClosed || isLost ? Content.text("\(requestID): hello") : Self.content(turn, for: requestID)
            let request = SendRequest(
                requestID: requestID,
                accountID: accountID,
                recipient: .user(id: SampleTraffic.recipientID(account: account, conversation: conversation)),
                content: content,
                delivery: isLost ? .atMostOnce : nil,
                context: Array(#"{"campaign":"demo","round":\#(round)}"#.utf8)
            )
            let expected: SendResult.Status = isClosed ? .failed : isLost ? .unknown : .sent
            add(request.encodedRecord(), id: requestID, account: accountID, expected: expected)
        }

        private static let sizes = ["M", "L"].map { QuickReply.text(title: $0, payload: $0) }

        /// Every kind in turn. Each body holds the request's id, so that the simulator's log can tell them apart.
        private static func content(_ turn: Int, for id: String) -> Content {
            switch turn % 14 {
            case 0: .text("\(id): your order has shipped https://shop.example.com/orders/\(id)")
            case 1: .image(url: "https://media.example.com/\(id).jpg")
            case 2: .audio(url: "https://media.example.com/\(id).m4a")
            case 3: .video(url: "https://media.example.com/\(id).mp4")
            case 4: .file(url: "https://media.example.com/\(id).pdf")
            case 5: .images(urls: ["https://media.example.com/\(id)-1.png", "https://media.example.com/\(id)-2.png"])
            case 6: .share(postID: "1795\(id.suffix(4))")
            case 7: .reaction(messageID: "mid.\(id)", .love)
            case 8: .unreact(messageID: "mid.\(id)")
            case 9: .quickReplies(text: "\(id): which size?", replies: Self.sizes)
            case 10: .buttonTemplate(text: "\(id): rate us", buttons: [.postback(title: "Good", payload: "good")])
            case 11: .genericTemplate([GenericElement(title: "\(id) summer shoes", subtitle: "now in blue")])
            case 12: .text("\(id): thank you 🎉")
            default: .image(url: "https://media.example.com/\(id).gif")
            }
        }

        /// Adds a backend's mistakes: each of these must come back as `rejected`, with a reason.
        mutating func addBroken(round: Int) {
            let account = SampleTraffic.accountID(round)
            let head = { (id: String) in #""request_id":"\#(id)","account_id":"\#(account)","recipient":{"id":"9021"}"#
            }
            addBroken(account) { #"{\#(head($0)),"message":{"text":"\#(String(repeating: "x", count: 1_001))"}}"# }
            addBroken(account) { #"{\#(head($0)),"message":{"txt":"a typo in a member's name"}}"# }
            addBroken(account) {
                #"{\#(head($0)),"message":{"attachment":{"type":"image","payload":{"url":"ftp://example.com/a.png"}}}}"#
            }
            addBroken(account) { _ in #"{"request_id": "cut off"# }
        }

        private mutating func addBroken(_ account: String, _ text: (String) -> String) {
            let id = nextID()
            add(Array(text(id).utf8), id: id, account: account, expected: .rejected)
        }

        private mutating func add(_ value: [UInt8], id: String, account: String, expected: SendResult.Status) {
            requests.append(SampleRequest(requestID: id, accountID: account, value: value, expected: expected))
        }
    }
}

/// A request of the demo's sample backend and what must become of it.
struct SampleRequest: Sendable {
    var requestID: String
    var accountID: String
    /// The record's value.
    var value: [UInt8]
    /// The status that its result must have.
    var expected: SendResult.Status
}
