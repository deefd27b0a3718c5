extension GraphErrorTable {
    /// The standard table, grouped by what is done next.
    static let standardRows: [Row] =
        deliveredRows + throttledRows + unknownRows + mediaRows + windowRows + refusedRows + heldRows + tokenRows
        + stoppedRows

    private static let deliveredRows = [
        Row(1, 1_357_046, .delivered, .graphError, "Graph could not read its own reply; the message was delivered")
    ]

    /// Of the throttles only 4 and 341 are documented as limits of the application, which all its accounts share.
    private static let throttledRows = [
        Row(4, nil, .applicationThrottled, .throttled, "the application reached its request limit"),
        Row(341, nil, .applicationThrottled, .throttled, "the application reached its limit"),
        Row(17, nil, .throttled, .throttled, "the user reached the request limit"),
        Row(32, nil, .throttled, .throttled, "the page reached its request limit"),
        Row(613, nil, .throttled, .throttled, "calls to this API exceeded its rate limit"),
        Row(613, 1996, .throttled, .throttled, "the volume of requests is inconsistent"),
        Row(613, 2_534_040, .throttled, .throttled, "messaging calls exceeded the rate limit"),
        Row(
            codes: 80_000...80_014,
            outcomeClass: .throttled,
            category: .throttled,
            note: "a business use case limit is reached"
        ),
    ]

    /// Code 1 has been seen with messages that arrived, so none of these may be taken for *not delivered*.
    private static let unknownRows = [
        Row(-1, nil, .unknown, .graphError, "an unknown error occurred"),
        Row(1, nil, .unknown, .graphError, "an unknown error occurred"),
        Row(2, nil, .unknown, .graphError, "the service is temporarily unavailable"),
    ]

    private static let mediaRows = [
        Row(100, 2_018_008, .mediaFetch, .media, "Graph could not fetch the media from its URL"),
        Row(100, 2_018_294, .mediaFetch, .media, "Graph took too long to fetch the media"),
    ]

    private static let windowRows = [
        Row(10, 2_534_022, .refused, .outsideWindow, "outside of the messaging window"),
        Row(10, 2_018_278, .refused, .outsideWindow, "outside of the messaging window"),
    ]

    private static let heldRows = [
        Row(368, nil, .accountHeld, .policy, "temporarily blocked for policy violations"),
        Row(10, 1_893_063, .accountHeld, .policy, "the account is temporarily restricted from messaging"),
        Row(508, 2_534_122, .accountHeld, .policy, "the account is temporarily blocked from sending this"),
        Row(613, 2_018_338, .accountHeld, .policy, "warned for messages that people find bothersome"),
        Row(2022, nil, .accountHeld, .policy, "sending is temporarily disabled after a policy violation"),
    ]

    private static let tokenRows = [
        Row(102, nil, .tokenDead, .token, "the session is invalid"),
        Row(190, nil, .tokenDead, .token, "the access token is invalid"),
        Row(190, 458, .tokenDead, .token, "the user has removed the application"),
        Row(190, 459, .tokenDead, .token, "the user has to log in and confirm the account"),
        Row(190, 460, .tokenDead, .token, "the password was changed"),
        Row(190, 463, .tokenDead, .token, "the access token has expired"),
        Row(190, 464, .tokenDead, .token, "the user's account is not confirmed"),
        Row(190, 467, .tokenDead, .token, "the access token was revoked"),
        Row(190, 492, .tokenDead, .token, "the user has lost the role that the token was made with"),
    ]

    private static let stoppedRows = [
        Row(3, nil, .accountStopped, .permission, "the application lacks the capability for this call"),
        Row(10, nil, .accountStopped, .permission, "the application does not have permission for this action"),
        Row(10, 2_534_077, .accountStopped, .permission, "the account's connection cannot be verified"),
        Row(100, 2_534_013, .accountStopped, .permission, "the page is not linked to an Instagram account"),
        Row(100, 2_534_029, .accountStopped, .permission, "the business is blocked from messaging"),
        Row(200, nil, .accountStopped, .permission, "a permission is missing"),
        Row(200, 2_018_021, .accountStopped, .permission, "the page's access is limited to its own testers"),
        Row(200, 2_018_027, .accountStopped, .permission, "a messaging permission is missing"),
        Row(200, 2_018_028, .accountStopped, .permission, "only people with a role in the application can be reached"),
        Row(200, 2_534_041, .accountStopped, .permission, "access to the account's messages is switched off"),
        Row(200, 2_534_066, .accountStopped, .permission, "the account is restricted from messaging"),
        Row(36_103, nil, .accountStopped, .permission, "the account is not eligible for the API"),
    ]
}

extension GraphErrorTable.Row {
    /// A row for a single code; keeps the table readable as a table.
    init(_ code: Int, _ subcode: Int?, _ outcomeClass: OutcomeClass, _ category: ErrorCategory, _ note: String) {
        self.init(
            codes: code...code,
            subcode: subcode,
            outcomeClass: outcomeClass,
            category: category,
            note: note
        )
    }
}
