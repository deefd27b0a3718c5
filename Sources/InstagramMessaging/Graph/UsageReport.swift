/// How much of its allowance an account (`X-Business-Use-Case-Usage`) or the application (`X-App-Usage`) has used.
public struct UsageReport: Sendable, Hashable {
    /// The worst of all percentages given, 0 and up (Graph goes past 100).
    public var highestPercent: Int
    /// Minutes until calls are accepted again, the worst of all given; nil or 0 says nothing.
    public var regainMinutes: Int?

    /// Creates a report.
    public init(highestPercent: Int, regainMinutes: Int? = nil) {
        self.highestPercent = highestPercent
        self.regainMinutes = regainMinutes
    }
}
