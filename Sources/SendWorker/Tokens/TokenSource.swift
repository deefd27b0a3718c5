/// Where the Graph transport gets the accounts' access tokens.
package protocol TokenSource: Sendable {
    /// The account's token and settings as of now; nil if there is no token. Never blocks on I/O: it is called for every
    /// call.
    func access(for accountID: String) -> AccountAccess?

    /// The accounts whose token, or whose own settings, have changed or appeared, in the order it happened. For one
    /// consumer.
    ///
    /// Named after the change can be seen with ``access(for:)``. What was there from the start is not named.
    var changes: AsyncStream<[String]> { get }

    /// Keeps the tokens up to date until the calling task is cancelled; returns at once after that.
    ///
    /// Run once, as a child task of whatever uses the tokens.
    func run() async

    /// How many accounts are called at a base URL of their own, by that URL.
    var ownBaseURLs: [String: Int] { get }

    /// Has the next look read the tokens, whether they seem to have changed or not.
    func readAgain()
}

extension TokenSource {
    /// The account's token as of now; nil if there is none.
    package func token(for accountID: String) -> AccessToken? { access(for: accountID)?.token }
}
