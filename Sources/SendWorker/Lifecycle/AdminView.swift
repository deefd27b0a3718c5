import SendEngine

/// What the admin endpoints show of the worker.
struct AdminView: AdminProvider {
    let health: WorkerHealth
    let loop: EngineLoop
    let identity: WorkerIdentity
    let clock: WorkerClock

    func stalls() async -> [String] { health.stalls }

    func hindrances() async -> [String] { health.hindrances }

    func status() async -> [UInt8] {
        let activity = loop.activity.summary
        let now = clock.now.wall
        return await loop.status(hindrances: health.hindrances) { [identity] json in
            identity.write(to: &json, now: now)
            activity.write(to: &json)
        }
    }

    func resume() async -> [UInt8] { await loop.resume() }

    func account(_ id: String) async -> [UInt8]? { await loop.accountStatus(id) }
}
