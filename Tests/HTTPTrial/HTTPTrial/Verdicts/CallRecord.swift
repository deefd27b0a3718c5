import HTTP
import HTTPCodec

/// What became of one call, as its caller knows it.
struct CallRecord: Sendable {
    enum Verdict: Sendable {
        case answered(Answer)
        case failed(HTTPCallFailure)
    }

    struct Answer: Sendable {
        /// The value of the answer's `X-Answer`.
        var mark: String
        var status: Int
        var length: Int
        /// Whether the body is the one that belongs to the mark.
        var isBodyRight: Bool
        /// Nil where the caller is not told.
        var isFirstExchange: Bool?

        init(_ response: HTTPResponse, isFirstExchange: Bool?) {
            mark = response.headers.first("X-Answer") ?? ""
            status = response.status
            length = response.body.count
            isBodyRight = response.body.begins(with: TrialRequest.text(mark, count: response.body.count))
            self.isFirstExchange = isFirstExchange
        }
    }

    var started: Int64 = 0
    /// When the last word was asked; nil where it was not, or the caller is not asked.
    var written: Int64?
    var ended: Int64 = 0
    /// How often its end was told.
    var endings = 0
    var verdict: Verdict?
    /// Whether the client was being shut down when it ended.
    var isAfterShutdown = false
}
