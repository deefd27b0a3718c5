/// The meaning of Graph's error codes for a message: the whole classification as data, in one place.
///
/// Graph's message texts are localised and change, and its HTTP statuses contradict each other, so only the code and
/// the subcode decide. ``rows`` are the documented codes of the Messenger and Instagram messaging APIs and those
/// observed on `graph.instagram.com`. Class and scope are independent: the one says what happens to the request, the other
/// what else waits.
public struct GraphErrorTable: Sendable {
    /// The meaning of one code, one code with a subcode, or a range of codes.
    public struct Row: Sendable, Hashable {
        /// Graph's `code`; more than one where Graph gives a whole range one meaning.
        public var codes: ClosedRange<Int>
        /// Graph's `error_subcode`; nil for the code on its own, and but for ``codesOfSingleMessages`` for all its subcodes
        /// that have no row.
        public var subcode: Int?
        /// The class, which says what may be done next.
        public var outcomeClass: OutcomeClass
        /// The scope, which says whom the answer concerns.
        public var scope: ErrorScope
        /// The feature, where the scope is one and it is not the message's own; nil for that one.
        public var feature: MessageFeature?
        /// Only three such answers in a row, to different people, hold what the scope names.
        public var needsRepetition: Bool
        /// The result's `error.category`.
        public var category: ErrorCategory
        /// The meaning of the code, in a few words.
        public var note: String

        /// Creates a row.
        public init(
            codes: ClosedRange<Int>,
            subcode: Int? = nil,
            outcomeClass: OutcomeClass,
            scope: ErrorScope? = nil,
            feature: MessageFeature? = nil,
            needsRepetition: Bool = false,
            category: ErrorCategory,
            note: String
        ) {
            self.codes = codes
            self.subcode = subcode
            self.outcomeClass = outcomeClass
            self.scope = scope ?? outcomeClass.usualScope
            self.feature = feature
            self.needsRepetition = needsRepetition
            self.category = category
            self.note = note
        }
    }

    private struct Key: Hashable {
        var code: Int
        var subcode: Int?
    }

    /// The table that answers are classified by.
    public static let standard = GraphErrorTable(rows: standardRows)

    /// All rows; no code and subcode pair has two.
    public let rows: [Row]
    private let exact: [Key: Row]
    private let ranges: [Row]

    /// Creates a table; of two rows for the same code and subcode the first one counts.
    public init(rows: [Row]) {
        self.rows = rows
        let single = rows.filter { $0.codes.count == 1 }
        exact = Dictionary(
            single.map { (Key(code: $0.codes.lowerBound, subcode: $0.subcode), $0) },
            uniquingKeysWith: { first, _ in first }
        )
        ranges = rows.filter { $0.codes.count > 1 }
    }

    /// Codes under which Meta gives new subcodes to single messages: one without a row concerns no more than its message.
    public static let codesOfSingleMessages: [ClosedRange<Int>] = [3...3, 10...10, 100...100, 200...299, 508...508]

    /// The row for an error; nil where neither the code nor the code with the subcode has one.
    ///
    /// A subcode without a row of its own falls back to its code, but for ``codesOfSingleMessages`` and codes without a row:
    /// there it is a refusal of the message.
    public func row(code: Int, subcode: Int?) -> Row? {
        guard let subcode else { return codeRow(code) }
        if let row = exact[Key(code: code, subcode: subcode)] { return row }
        let row = codeRow(code)
        let isOfMessage = Self.codesOfSingleMessages.contains { $0.contains(code) }
        if let row, !isOfMessage { return row }
        return Row(
            codes: code...code,
            subcode: subcode,
            outcomeClass: .refused,
            category: row?.category ?? .graphError,
            note: "a refusal that is not documented"
        )
    }

    private func codeRow(_ code: Int) -> Row? {
        exact[Key(code: code, subcode: nil)] ?? ranges.first { $0.codes.contains(code) }
    }
}

/// The circle that an answer concerns, hence what else waits because of it.
public enum ErrorScope: String, Sendable, Hashable, CaseIterable {
    /// This one message.
    case message
    /// Every message to this person: the conversation.
    case person
    /// Every private reply to this comment or post.
    case post
    /// The account's messages of one ``MessageFeature``.
    case feature
    /// Everything that the account sends.
    case account
    /// Every account of the application.
    case application
}

extension OutcomeClass {
    /// The scope of an end that no row of the table describes.
    public var usualScope: ErrorScope {
        switch self {
        case .delivered, .notSent, .unknown, .alreadyAnswered, .mediaFetch, .refused: .message
        case .throttled, .accountHeld, .tokenDead, .accountStopped: .account
        case .applicationThrottled: .application
        }
    }
}

extension GraphErrorTable {
    /// The standard table, grouped by what is done next.
    private static let standardRows: [Row] =
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

extension GraphErrorTable {
    /// The refusals for good: the request ends as `failed`; the scope says what else it concerns.
    private static let refusedRows =
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
