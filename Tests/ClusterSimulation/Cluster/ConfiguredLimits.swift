internal import SendEngine

/// The rate limits in the workers' configuration, which somebody lowers and raises while they run; never above those
/// that Graph enforces.
struct ConfiguredLimits {
    private let highest: EngineSettings.LimitSettings
    private(set) var general: EngineSettings.LimitSettings
    /// Accounts with limits of their own.
    private(set) var ofAccounts: [String: EngineSettings.LimitSettings] = [:]

    init(_ highest: EngineSettings.LimitSettings) {
        self.highest = highest
        general = highest
    }

    /// Somebody changes them: the general ones, and those of some accounts.
    mutating func change(_ accounts: [String], _ random: inout SeededRandom) {
        general = lowered(&random)
        ofAccounts = [:]
        for account in accounts where random.chance(30) { ofAccounts[account] = lowered(&random) }
    }

    /// They are as at the beginning again.
    mutating func restore() {
        general = highest
        ofAccounts = [:]
    }

    private func lowered(_ random: inout SeededRandom) -> EngineSettings.LimitSettings {
        var limits = highest
        limits.messagesPerSecond = random.number(1...highest.messagesPerSecond)
        limits.mediaPerSecond = random.number(1...highest.mediaPerSecond)
        limits.privateRepliesPerHour = random.number(1...highest.privateRepliesPerHour)
        return limits
    }
}

extension ConfiguredLimits: CustomStringConvertible {
    /// The same for the same limits, unlike a dictionary's own.
    var description: String {
        let accounts = ofAccounts.sorted { $0.key < $1.key }.map { "\($0.key): \(Self.text($0.value))" }
        return ([Self.text(general)] + accounts).joined(separator: ", ")
    }

    private static func text(_ limits: EngineSettings.LimitSettings) -> String {
        "\(limits.messagesPerSecond)/\(limits.mediaPerSecond) a second, \(limits.privateRepliesPerHour) an hour"
    }
}
