/// Other limits while the engine runs.
extension SendEngine {
    /// Changes the rate limits of all accounts from now on, exactly: calls that were made before count against the new
    /// limits for as long as they counted against the old ones.
    ///
    /// After a limit is lowered no call starts that would be more than the new limit allows in any window that it falls
    /// into; that also holds for calls that only wait for their mark. After one is raised, accounts that wait for it go
    /// on with the next actions. The limits of conversations of accounts that are known already stay as they are.
    ///
    /// - Parameters:
    ///   - limits: Those of every account that has none of its own.
    ///   - accountLimits: Those of single accounts; each replaces `limits` as a whole. An account that is not named any
    ///     more has the general ones from now on.
    package mutating func changeLimits(
        _ limits: EngineSettings.LimitSettings,
        accountLimits: [String: EngineSettings.LimitSettings],
        now: EngineTime
    ) {
        observe(now)
        setLimits(limits, accountLimits: accountLimits)
        // In an order that does not depend on how a dictionary is laid out.
        for slot in accountSlots.values.sorted() {
            accounts[slot].limits.change(to: settings.limits(of: accounts[slot].id))
            reconsider(slot)
        }
    }
}

extension EngineSettings {
    /// What binds an account: its own limits, or else those of all.
    func limits(of accountID: String) -> LimitSettings { accountLimits[accountID] ?? limits }
}
