import SendEngine

/// What the admin endpoints show of the worker.
struct AdminView: AdminProvider {
    let health: WorkerHealth
    let loop: EngineLoop

    func stalls() async -> [String] { health.stalls }

    func hindrances() async -> [String] { health.hindrances }

    func status() async -> [UInt8] { await loop.status(hindrances: health.hindrances) }

    func resume() async -> [UInt8] { await loop.resume() }

    func account(_ id: String) async -> [UInt8]? { await loop.accountStatus(id) }
}
