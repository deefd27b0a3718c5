extension GraphErrorTable {
    /// The standard table, grouped by what is done next.
    static let standardRows: [Row] =
        deliveredRows + throttledRows + unknownRows + answeredRows + mediaRows + windowRows + refusedRows + heldRows
        + tokenRows + stoppedRows

    private static let deliveredRows = [
        Row(1, 1_357_046, .delivered, .message, .graphError, "Graph lost its own reply; the message was delivered")
    ]

    /// Of the throttles only 4 and 341 are documented as limits of the application, which all its accounts share.
    private static let throttledRows = [
        Row(4, nil, .applicationThrottled, .application, .throttled, "the application reached its request limit"),
        Row(341, nil, .applicationThrottled, .application, .throttled, "the application reached its limit"),
        Row(4, 2_207_051, .throttled, .account, .throttled, "the account's action is blocked for a while"),
        Row(17, nil, .throttled, .account, .throttled, "the user reached the request limit"),
        Row(32, nil, .throttled, .account, .throttled, "the page reached its request limit"),
        Row(613, nil, .throttled, .account, .throttled, "calls to this API exceeded its rate limit"),
        Row(613, 1996, .throttled, .account, .throttled, "the volume of requests is inconsistent"),
        Row(613, 2_534_040, .throttled, .account, .throttled, "messaging calls exceeded the rate limit"),
        Row(613, 2_018_338, .throttled, .person, .throttled, "warned for messages that this person finds bothersome"),
        Row(
            codes: 80_000...80_014,
            outcomeClass: .throttled,
            scope: .account,
            category: .throttled,
            note: "a business use case limit is reached"
        ),
    ]

    /// Code 1 has been seen with messages that arrived, so none of these may be taken for *not delivered*.
    private static let unknownRows = [
        Row(-1, nil, .unknown, .message, .graphError, "an unknown error occurred"),
        Row(1, nil, .unknown, .message, .graphError, "an unknown error occurred"),
        Row(2, nil, .unknown, .message, .graphError, "the service is temporarily unavailable"),
    ]

    /// One private reply per comment, so a repeat cannot double.
    private static let answeredRows = [
        Row(-1, 2_534_023, .alreadyAnswered, .message, .invalidRequest, "the comment has a private reply already"),
        Row(100, 2_534_025, .alreadyAnswered, .message, .invalidRequest, "the comment cannot be answered once more"),
        Row(10_900, nil, .alreadyAnswered, .message, .invalidRequest, "the comment has been answered already"),
    ]

    private static let mediaRows = [
        Row(100, 2_018_008, .mediaFetch, .message, .media, "Graph could not fetch the media from its URL"),
        Row(100, 2_018_294, .mediaFetch, .message, .media, "Graph took too long to fetch the media"),
        Row(-2, 2_207_003, .mediaFetch, .message, .media, "Graph took too long to download the media"),
    ]

    private static let windowRows = [
        Row(10, 2_534_022, .refused, .person, .outsideWindow, "outside of the messaging window"),
        Row(10, 2_018_278, .refused, .person, .outsideWindow, "outside of the messaging window"),
    ]

    private static let heldRows = [
        Row(368, nil, .accountHeld, .account, .policy, "temporarily blocked for policy violations"),
        Row(10, 1_893_063, .accountHeld, .account, .policy, "the account is temporarily restricted from messaging"),
        Row(2022, nil, .accountHeld, .account, .policy, "sending is temporarily disabled after a policy violation"),
    ]

    private static let tokenRows = [
        Row(102, nil, .tokenDead, .account, .token, "the session is invalid"),
        Row(190, nil, .tokenDead, .account, .token, "the access token is invalid"),
        Row(190, 458, .tokenDead, .account, .token, "the user has removed the application"),
        Row(190, 459, .tokenDead, .account, .token, "the user has to log in and confirm the account"),
        Row(190, 460, .tokenDead, .account, .token, "the password was changed"),
        Row(190, 463, .tokenDead, .account, .token, "the access token has expired"),
        Row(190, 464, .tokenDead, .account, .token, "the user's account is not confirmed"),
        Row(190, 467, .tokenDead, .account, .token, "the access token was revoked"),
        Row(190, 492, .tokenDead, .account, .token, "the user has lost the role that the token was made with"),
    ]

    private static let stoppedRows = [
        Row(10, 2_534_077, .accountStopped, .account, .permission, "the account's connection cannot be verified"),
        Row(100, 2_534_013, .accountStopped, .account, .permission, "the page is not linked to an Instagram account"),
        Row(100, 2_534_029, .accountStopped, .account, .permission, "the business is blocked from messaging"),
        Row(200, 2_018_021, .accountStopped, .account, .permission, "the page's access is limited to its own testers"),
        Row(200, 2_018_027, .accountStopped, .account, .permission, "a messaging permission is missing"),
        Row(200, 2_534_041, .accountStopped, .account, .permission, "access to the account's messages is switched off"),
        Row(36_103, nil, .accountStopped, .account, .permission, "the account is not eligible for the API"),
    ]
}

extension GraphErrorTable.Row {
    /// A row for a single code; keeps the table readable as a table.
    init(
        _ code: Int,
        _ subcode: Int?,
        _ outcomeClass: OutcomeClass,
        _ scope: ErrorScope,
        _ category: ErrorCategory,
        _ note: String
    ) {
        self.init(
            codes: code...code,
            subcode: subcode,
            outcomeClass: outcomeClass,
            scope: scope,
            category: category,
            note: note
        )
    }

    /// A refusal that may concern more than its message: three in a row, to different people, show it.
    init(
        suspicion codes: ClosedRange<Int>,
        _ subcode: Int?,
        _ scope: ErrorScope,
        of feature: MessageFeature? = nil,
        _ category: ErrorCategory,
        _ note: String
    ) {
        self.init(
            codes: codes,
            subcode: subcode,
            outcomeClass: .refused,
            scope: scope,
            feature: feature,
            needsRepetition: true,
            category: category,
            note: note
        )
    }
}
