import HTTP

/// How the server treats one request, decided by the request's number.
enum AnswerFault: String, CaseIterable, Sendable {
    // Whole answers, in every way in which one can come.
    case length, chunked, untilClose, oldVersion, keepAliveHint, closing, interim, bodiless, headOnly, coded, pieces
    case dribble, thenFIN, thenHalfClose, earlyThenReads, earlyThenDrains
    // Whole answers, and more.
    case secondBehind, secondLater, bodyBehindBodiless
    // Whole answers that a reset may overtake.
    case thenReset, earlyThenFIN, earlyThenReset
    // The end comes too early.
    case resetUnanswered, finUnanswered, halfCloseUnanswered, resetInRequest
    case cutStatusLine, cutHead, cutBody, cutChunk, cutLastChunk, cutTrailers, cutCoded
    // It never ends.
    case silence, stalledHead, stalledBody, endlessDribble
    case endlessHead, endlessInterim, endlessTrailers, endlessExtensions, endlessBody, hugeLength
    // It is not HTTP.
    case badLength, lengthWithChunked, badCoding, badChunk, badHead, notHTTP, switching
    // What comes out of it is too long, or nothing does.
    case bomb, brokenCoding, threeCodings
    // TLS.
    case keyUpdate, keyUpdates, keyUpdateUnderWrite, tinyRecords, withoutNotify, cutWithoutNotify, garbageRecord
    case alertInAnswer, keyUpdatesThenFIN
}

extension AnswerFault {
    /// What a client may make of it that has all the time it needs.
    enum Promise: Sendable {
        case answered
        /// A reset may overtake the answer.
        case mayBeAnswered
        case unknown
    }

    var promise: Promise {
        switch self {
        case .length, .chunked, .untilClose, .oldVersion, .keepAliveHint, .closing, .interim, .bodiless, .headOnly,
            .coded, .pieces, .dribble, .thenFIN, .thenHalfClose, .earlyThenReads, .earlyThenDrains, .secondBehind,
            .secondLater, .bodyBehindBodiless, .keyUpdate, .keyUpdates, .keyUpdateUnderWrite, .tinyRecords,
            .withoutNotify:
            .answered
        case .thenReset, .earlyThenFIN, .earlyThenReset, .keyUpdatesThenFIN: .mayBeAnswered
        default: .unknown
        }
    }

    /// How the unknown calls are told from each other.
    enum Cause: Sendable {
        case end, time, framing, length, coding, tls
    }

    /// What a client says of it that gives no answer.
    var causes: Set<Cause> {
        switch self {
        case .silence, .stalledHead, .stalledBody, .endlessDribble: [.time]
        case .endlessHead, .endlessInterim, .endlessTrailers, .endlessExtensions, .badLength, .lengthWithChunked,
            .badCoding, .badChunk, .badHead, .notHTTP, .switching:
            [.framing]
        case .endlessBody, .hugeLength, .bomb: [.length]
        case .brokenCoding, .threeCodings, .cutCoded: [.coding]
        case .garbageRecord, .alertInAnswer: [.tls]
        default: [.end]
        }
    }

    /// Whether a client knows the status though the answer is not whole. A reset may overtake that too.
    var showsStatus: Bool {
        switch self {
        case .cutBody, .cutChunk, .cutLastChunk, .cutTrailers, .cutCoded, .stalledBody, .endlessTrailers,
            .endlessExtensions, .endlessBody, .hugeLength, .badChunk, .bomb, .brokenCoding, .threeCodings,
            .cutWithoutNotify:
            true
        default: false
        }
    }

    /// Whether the connection can carry another request once the client has the answer.
    var keepsConnection: Bool {
        switch self {
        case .length, .chunked, .interim, .headOnly, .bodiless, .coded, .pieces, .dribble, .keyUpdate, .keyUpdates,
            .keyUpdateUnderWrite, .tinyRecords, .earlyThenReads, .keepAliveHint, .thenHalfClose, .thenFIN, .thenReset,
            .secondLater, .withoutNotify, .keyUpdatesThenFIN:
            true
        default: false
        }
    }

    /// Only a client's own patience ends it.
    var needsTimeout: Bool { causes == [.time] && promise == .unknown }

    /// The request is longer than what socket buffers hold.
    var wantsLongRequest: Bool {
        switch self {
        case .earlyThenReads, .earlyThenDrains, .earlyThenFIN, .earlyThenReset, .resetInRequest, .keyUpdateUnderWrite:
            true
        default: false
        }
    }

    private var needsTLS: Bool {
        switch self {
        case .keyUpdate, .keyUpdates, .keyUpdateUnderWrite, .tinyRecords, .withoutNotify, .cutWithoutNotify,
            .garbageRecord, .alertInAnswer, .keyUpdatesThenFIN:
            true
        default: false
        }
    }

    private var weight: Int {
        switch self {
        case .length: 30
        case .chunked, .pieces, .coded: 6
        case .dribble, .keyUpdateUnderWrite, .silence, .stalledHead, .stalledBody, .endlessDribble: 1
        default: 2
        }
    }

    private static let withoutTLS = allCases.filter { !$0.needsTLS }

    static func draw(_ draw: inout Draw, isSecure: Bool) -> AnswerFault {
        draw.one(of: isSecure ? allCases : withoutTLS, weight: \.weight)
    }
}

extension AnswerFault.Cause {
    /// The cause that a failure after the first byte names; nil for the caller's own.
    init?(_ kind: HTTPCallFailure.Kind) {
        switch kind {
        case .reset, .closedByServer: self = .end
        case .responseTimeout, .bodyTimeout, .deadline: self = .time
        case .framing: self = .framing
        case .answerTooLong: self = .length
        case .coding: self = .coding
        case .tls: self = .tls
        default: return nil
        }
    }
}
