import InstagramMessaging
import SendEngine

/// What the admin endpoints show of the worker.
struct AdminView: AdminProvider {
    let health: WorkerHealth
    let loop: EngineLoop
    let identity: WorkerIdentity
    let tokens: any TokenSource
    let clock: WorkerClock

    func stalls() async -> [String] { health.stalls }

    func hindrances() async -> [String] { health.hindrances }

    func status() async -> [UInt8] {
        let activity = loop.activity.summary
        let now = clock.now.wall
        return await loop.status(hindrances: health.hindrances) { [identity, tokens] json in
            identity.write(to: &json, ownBaseURLs: tokens.ownBaseURLs, now: now)
            activity.write(to: &json)
        }
    }

    func resume() async -> [UInt8] { await loop.resume() }

    func account(_ id: String) async -> [UInt8]? {
        await loop.accountStatus(id) { [own = tokens.access(for: id)?.own] in own?.write(to: &$0) }
    }
}

extension AccountSettings {
    /// Writes the members of `/api/accounts/<id>` that say how the account is called, where that is not as `graph.*` says.
    /// Of a secret only that there is one.
    fileprivate func write(to json: inout JSONWriter) {
        json.member("base_url", ifPresent: baseURL)
        json.member("path_id", ifPresent: pathID)
        if appSecret != nil { json.member("own_app_secret", true) }
    }
}
