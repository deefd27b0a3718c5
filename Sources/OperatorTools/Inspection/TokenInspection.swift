import SendWorker

/// Looks which accounts have a token. Never shows one.
struct TokenInspection: Sendable {
    /// Of more than so many wrong entries or accounts only the number is told.
    private static let mostShown = 20

    private let tokens: WorkerConfiguration.Tokens
    private let limits: WorkerConfiguration.Limits

    init(_ configuration: WorkerConfiguration) {
        tokens = configuration.tokens
        limits = configuration.limits
    }

    /// The number of accounts called at a base URL of their own, by that URL; none where the place cannot be read.
    var ownBaseURLs: [String: Int] {
        guard let reading = try? TokenSources.place(tokens)?.read() else { return [:] }
        return reading.own.values.ownBaseURLs
    }

    func findings() -> [Finding] {
        guard let place = TokenSources.place(tokens) else {
            let missing = ConfigurationError.missingTokenPlace.problems.joined()
            return [.problem(.tokens, .configuration, "no place for access tokens is configured", remedy: missing)]
        }
        do throws(TokenPlaceError) {
            return findings(of: try place.read(), at: place.name) + refreshing(at: place)
        } catch {
            return [.problem(.tokens, .configuration, "\(error)", remedy: "correct the file, or name another place")]
        }
    }

    func findings(of reading: TokenReading, at place: String) -> [Finding] {
        [count(of: reading, at: place)] + differing(in: reading, at: place) + problems(of: reading)
            + strangers(to: reading, at: place)
    }

    /// Reports how many accounts are called otherwise than `graph.*` says.
    private func differing(in reading: TokenReading, at place: String) -> [Finding] {
        let own = reading.own.values
        guard !own.isEmpty else { return [] }
        let (paths, secrets) = (own.count { $0.pathID != nil }, own.count { $0.appSecret != nil })
        let hosts = own.ownBaseURLs.values.reduce(0, +)
        return [
            .ok(
                .tokens,
                "\(place): \(own.count) of them with settings of their own: pathID \(paths), baseURL \(hosts), "
                    + "appSecret \(secrets); send-worker config lists them"
            )
        ]
    }

    /// Whether refreshed tokens can be written back, where that is wanted; found out by making an empty file beside them.
    private func refreshing(at place: any RefreshableTokens) -> [Finding] {
        guard tokens.refresh else { return [] }
        do throws(FileReplacementError) {
            try place.probe()
            return [.ok(.tokens, "\(place.name) can be written, as tokens.refresh needs it")]
        } catch {
            return [
                .warning(
                    .tokens,
                    "tokens.refresh is on and \(place.name) cannot be written: \(error)",
                    remedy: "let the worker write to the folder \(place.folder), or set tokens.refresh=false"
                )
            ]
        }
    }

    private func count(of reading: TokenReading, at place: String) -> Finding {
        let count = reading.tokens.count
        guard count > 0 else {
            return .warning(
                .tokens,
                "\(place): no account has a token that can be used",
                remedy: "put the accounts' tokens there; the worker takes them without a restart"
            )
        }
        return .ok(.tokens, "\(place): \(count) account\(count == 1 ? " has" : "s have") a token")
    }

    private func problems(of reading: TokenReading) -> [Finding] {
        let remedy = "correct the entry; the worker reads it again without a restart"
        let shown = reading.problems.prefix(Self.mostShown).map { Finding.warning(.tokens, $0, remedy: remedy) }
        let more = reading.problems.count - shown.count
        guard more > 0 else { return shown }
        return shown + [.warning(.tokens, "\(more) more entries cannot be used", remedy: remedy)]
    }

    /// Accounts that have limits of their own and no token: often an id with a wrong digit.
    private func strangers(to reading: TokenReading, at place: String) -> [Finding] {
        let accounts = limits.accounts.keys.filter { reading.tokens[$0] == nil }.sorted()
        guard !accounts.isEmpty else { return [] }
        let more = accounts.count - min(accounts.count, Self.mostShown)
        let named = accounts.prefix(Self.mostShown).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
        return [
            .warning(
                .tokens,
                "limits.accounts names accounts without a token: \(named)",
                remedy: "check the ids, or give them tokens in \(place)"
            )
        ]
    }
}
