extension GraphErrorTable {
    /// What Graph refuses for good: the request ends as `failed`, the account goes on.
    static let refusedRows =
        refusedForTheMessage + refusedForTheRecipient + refusedForPolicy + refusedForPermission + refusedForMedia

    private static let refusedForTheMessage = [
        Row(100, nil, .refused, .invalidRequest, "a parameter is invalid"),
        Row(100, 33, .refused, .invalidRequest, "the object does not exist or does not support this call"),
        Row(100, 2_018_014, .refused, .invalidRequest, "a message and a state cannot be sent at once"),
        Row(100, 2_018_164, .refused, .invalidRequest, "the application id is not the right one"),
        Row(100, 2_534_015, .refused, .invalidRequest, "the message data is invalid"),
        Row(100, 2_534_025, .refused, .invalidRequest, "the comment cannot be answered with a private reply"),
        Row(2500, nil, .refused, .invalidRequest, "the path or query of the call is unknown"),
        Row(
            codes: 10_900...10_904,
            outcomeClass: .refused,
            category: .invalidRequest,
            note: "the comment cannot be answered privately, or has been already"
        ),
    ]

    private static let refusedForTheRecipient = [
        Row(10, 2_018_108, .refused, .recipientUnavailable, "this person is not receiving messages from the account"),
        Row(10, 1_893_015, .refused, .recipientUnavailable, "the person stopped messages of this kind"),
        Row(10, 2_018_336, .refused, .recipientUnavailable, "the conversation does not take this message"),
        Row(100, 2_018_001, .refused, .recipientUnavailable, "no matching user"),
        Row(100, 2_534_014, .refused, .recipientUnavailable, "the requested user cannot be found"),
        Row(200, 1_545_041, .refused, .recipientUnavailable, "this person is not available"),
        Row(551, nil, .refused, .recipientUnavailable, "this person is not available"),
        Row(2_534_001, nil, .refused, .recipientUnavailable, "the conversation is not available"),
    ]

    private static let refusedForPolicy = [
        Row(2, 1_545_133, .refused, .policy, "attachments and buttons are not taken as a first message to this person"),
        Row(4, 2_018_354, .refused, .policy, "too soon after the last marketing message"),
        Row(9, 2_018_352, .refused, .policy, "the person has had the allowed number of marketing messages"),
        Row(10, 2_018_065, .refused, .outsideWindow, "outside of the messaging window"),
        Row(613, 1_893_016, .refused, .policy, "an opt-in for this topic was requested already"),
    ]

    private static let refusedForPermission = [
        Row(1, 99, .refused, .permission, "an unknown error occurred; a missing permission can cause it"),
        Row(10, 2_018_300, .refused, .permission, "another application controls the conversation"),
        Row(10, 1_404_170, .refused, .permission, "not enough permissions for this message"),
        Row(100, 2_534_037, .refused, .permission, "another application owns the conversation"),
        Row(2_018_300, nil, .refused, .permission, "another application controls the conversation"),
        Row(2_018_321, nil, .refused, .permission, "an automated flow controls the conversation"),
        Row(2_534_068, nil, .refused, .permission, "the feature is not available to this account"),
    ]

    private static let refusedForMedia = [
        Row(100, 2_018_047, .refused, .media, "the attachment could not be uploaded; its type does not match"),
        Row(100, 2_018_074, .refused, .media, "the attachment does not exist or belongs to somebody else"),
        Row(100, 2_018_109, .refused, .media, "the attachment is larger than allowed"),
    ]
}
