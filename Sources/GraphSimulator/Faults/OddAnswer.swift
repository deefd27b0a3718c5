/// An answer that says what another one would, and is odd in one respect.
package struct OddAnswer: Sendable, Hashable {
    /// What is odd. The raw values are the effects' names.
    package enum Oddity: String, Sendable, Hashable, CaseIterable {
        /// The body is compressed, though nobody asked.
        case gzip = "gzip_answer"
        case deflate = "deflate_answer"
        /// A text of the body is half of a surrogate pair.
        case loneSurrogate = "lone_surrogate"
        /// A text of the body is not UTF-8.
        case latin1 = "latin1_answer"
        /// A member stands twice in the body.
        case duplicateMember = "duplicate_member"
        /// Something follows the JSON.
        case trailingBytes = "trailing_bytes"
        /// The body has 115 KB.
        case longBody = "long_body"
        /// The body stops in its middle, and nothing follows.
        case stalledBody = "stalled_body"
        /// The body names another person.
        case wrongRecipient = "wrong_recipient"
        /// The same answer comes once more, a little later.
        case secondAnswer = "second_answer"
        /// The answer is of another version of the API.
        case otherVersion = "other_version"
        /// A little later the idle connection ends, with a 408 that nobody asked for.
        case farewell
    }

    /// What the answer says.
    package enum Basis: Sendable, Hashable {
        /// The message is accepted, and so is said.
        case acceptance
        /// The message is not accepted.
        case error(GraphErrorAnswer)
        /// A page of a gateway; the message is not accepted.
        case page(status: Int, retryAfterSeconds: Int?)
    }

    package var oddity: Oddity
    package var basis: Basis
    /// How long after the answer, where something follows it.
    package var after: Duration

    package init(_ oddity: Oddity, _ basis: Basis = .acceptance, after: Duration = .milliseconds(20)) {
        self.oddity = oddity
        self.basis = basis
        self.after = after
    }
}

extension OddAnswer.Basis {
    /// The status, where it is not that of an acceptance.
    var status: Int? {
        switch self {
        case .acceptance: nil
        case .error(let answer): answer.status
        case .page(let status, _): status
        }
    }
}
