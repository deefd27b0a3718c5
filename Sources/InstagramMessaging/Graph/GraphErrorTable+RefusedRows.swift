extension GraphErrorTable {
    /// What Graph refuses for good: the request ends as `failed`; the scope says what else it concerns.
    static let refusedRows =
        refusedForTheMessage + refusedForThePerson + refusedForPolicy + refusedForPermission + refusedForMedia
        + refusedInGeneral

    private static let refusedForTheMessage = [
        Row(100, nil, .refused, .message, .invalidRequest, "a parameter is invalid"),
        Row(100, 33, .refused, .message, .invalidRequest, "the object does not exist or does not support this call"),
        Row(100, 2_018_014, .refused, .message, .invalidRequest, "a message and a state cannot be sent at once"),
        Row(100, 2_018_164, .refused, .message, .invalidRequest, "the application id is not the right one"),
        Row(100, 2_018_320, .refused, .message, .invalidRequest, "the message is not one that this call takes"),
        Row(100, 2_018_328, .refused, .message, .invalidRequest, "the template is not one that this call takes"),
        Row(100, 2_534_015, .refused, .message, .invalidRequest, "the message data is invalid"),
        Row(100, 2_534_052, .refused, .message, .invalidRequest, "the text is empty"),
        Row(2500, nil, .refused, .message, .invalidRequest, "the path or query of the call is unknown"),
        Row(
            codes: 10_901...10_904,
            outcomeClass: .refused,
            scope: .message,
            category: .invalidRequest,
            note: "the comment cannot be answered privately"
        ),
    ]

    private static let refusedForThePerson =
        [
            Row(10, 2_018_108, .refused, .person, .recipientUnavailable, "this person does not take these messages"),
            Row(100, 2_534_014, .refused, .person, .recipientUnavailable, "the requested user cannot be found"),
            Row(200, 1_545_041, .refused, .person, .recipientUnavailable, "this person is not available"),
            Row(551, nil, .refused, .person, .recipientUnavailable, "this person is not available"),
            Row(200, 2_018_028, .refused, .person, .permission, "only people with a role can be reached"),
            Row(200, 2_534_066, .refused, .post, .permission, "this post takes no private replies"),
            Row(10, 1_893_015, .refused, .message, .recipientUnavailable, "the person stopped messages of this kind"),
            Row(10, 2_018_048, .refused, .message, .recipientUnavailable, "the conversation does not take this"),
            Row(10, 2_018_336, .refused, .message, .recipientUnavailable, "the conversation does not take this"),
            Row(100, 2_018_001, .refused, .message, .recipientUnavailable, "no matching user"),
        ] + ofCodesAndSubcodes(2_534_001, .recipientUnavailable, "the conversation is not available")

    private static let refusedForPolicy = [
        Row(2, 1_545_133, .refused, .message, .policy, "attachments and buttons are not taken as a first message"),
        Row(4, 2_018_354, .refused, .message, .policy, "too soon after the last marketing message"),
        Row(9, 2_018_352, .refused, .message, .policy, "the person has had the allowed number of marketing messages"),
        Row(10, 2_018_065, .refused, .message, .outsideWindow, "outside of the messaging window"),
        Row(613, 1_893_016, .refused, .message, .policy, "an opt-in for this topic was requested already"),
    ]

    private static let refusedForPermission =
        [
            Row(1, 99, .refused, .message, .permission, "an unknown error occurred; a missing permission can cause it"),
            Row(10, 1_404_170, .refused, .message, .permission, "not enough permissions for this message"),
            Row(100, 2_534_037, .refused, .message, .permission, "another application owns the conversation"),
        ] + ofCodesAndSubcodes(2_018_300, .permission, "another application controls the conversation")
        + ofCodesAndSubcodes(2_018_321, .permission, "an automated flow controls the conversation")
        + ofCodesAndSubcodes(2_534_068, .permission, "the feature is not available to this account")

    private static let refusedForMedia = [
        Row(100, 2_018_047, .refused, .message, .media, "the attachment is of another type"),
        Row(100, 2_018_074, .refused, .message, .media, "the attachment does not exist or belongs to somebody else"),
        Row(100, 2_018_109, .refused, .message, .media, "the attachment is larger than allowed"),
    ]

    /// One such answer may be about its message only, so it takes three to hold what the scope names.
    private static let refusedInGeneral = [
        Row(suspicion: 3...3, nil, .feature, .permission, "the application lacks the capability for this call"),
        Row(suspicion: 10...10, nil, .feature, .permission, "the application does not have permission for this action"),
        Row(suspicion: 508...508, 2_534_122, .feature, of: .link, .policy, "links are temporarily not taken"),
        Row(suspicion: 200...200, nil, .account, .permission, "a permission is missing, or the application is blocked"),
        Row(suspicion: 201...299, nil, .account, .permission, "a permission is missing"),
    ]

    /// Numbers that Graph gives as a code of their own and as a subcode of 10 and 100.
    private static func ofCodesAndSubcodes(_ number: Int, _ category: ErrorCategory, _ note: String) -> [Row] {
        [
            Row(number, nil, .refused, .message, category, note),
            Row(10, number, .refused, .message, category, note),
            Row(100, number, .refused, .message, category, note),
        ]
    }
}
