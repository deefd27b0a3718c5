/// One call of the messages endpoint.
package struct GraphCall: Sendable {
    /// The account that sends: digits only. It becomes a part of the URL.
    package var accountID: String
    /// The JSON body, as Graph gets it.
    package var body: [UInt8]
    /// False where Graph's success answer has no message id (sender actions).
    package var expectsMessageID: Bool
    /// The person it is for, whom a success has to name; nil where only Graph knows (private replies).
    package var recipientID: String?
    /// Further request headers (`traceparent`, say). One that HTTP does not allow is left out.
    package var headers: [(String, String)]
    /// Asked once, on any thread, right before the first byte of the body is written, which may be long after the call
    /// was asked for where the process was stopped meanwhile. A call that may not start any more ends as not sent.
    package var mayStart: @Sendable () -> Bool

    package init(
        accountID: String,
        body: [UInt8],
        expectsMessageID: Bool,
        recipientID: String? = nil,
        headers: [(String, String)] = [],
        mayStart: @escaping @Sendable () -> Bool = { true }
    ) {
        self.accountID = accountID
        self.body = body
        self.expectsMessageID = expectsMessageID
        self.recipientID = recipientID
        self.headers = headers
        self.mayStart = mayStart
    }
}
