package import InstagramMessaging

/// A place of tokens that refreshed ones can be written back to.
package protocol RefreshableTokens: TokenPlace {
    /// The folder that the files stand in; replicas that share it take turns.
    var folder: String { get }

    /// Finds out whether anything can be written.
    func probe() throws(FileReplacementError)

    /// When each account's token was written at the latest, as far as the files tell.
    func writtenAt() -> [String: Timestamp]

    /// Writes an account's new token in the place of the old one.
    ///
    /// - Throws: `changedMeanwhile` where the old one is not there any more.
    func replace(
        _ old: AccessToken,
        with new: AccessToken,
        of accountID: String,
        expiresAt: Timestamp
    ) throws(FileReplacementError)
}
