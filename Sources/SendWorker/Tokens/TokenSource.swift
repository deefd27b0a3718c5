/// Where the Graph transport gets the accounts' access tokens.
package protocol TokenSource: Sendable {
    /// The account's token as of now; nil if there is none. Never blocks on I/O: it is called for every call.
    func token(for accountID: String) -> AccessToken?

    /// The accounts whose token has changed or appeared, in the order it happened. For one consumer.
    ///
    /// Named after the change can be seen with ``token(for:)``. The tokens that were there from the start are not named.
    var changes: AsyncStream<[String]> { get }

    /// Keeps the tokens up to date until the calling task is cancelled; returns at once after that.
    ///
    /// Run once, as a child task of whatever uses the tokens.
    func run() async
}
