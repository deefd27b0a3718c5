import HTTP
package import InstagramMessaging
package import OpenSSL
package import Reactor
import SendEngine

/// Checks media before a call is spent on it: that it is on the public internet, its type and its size.
///
/// A fault that is known refuses the message, by a rule that `ValidationRule.catalogue` lists. Whatever cannot be found
/// out in time lets it pass: a name that does not resolve, a server that does not answer, more redirects than are
/// followed.
package actor MediaPreflight {
    /// The extent of what the preflight does and remembers.
    package struct Settings: Sendable {
        /// The time that an answer is kept.
        package var memory: Duration
        /// The longest time for one file, redirects included.
        package var timeout: Duration
        /// Answers kept; the oldest is forgotten first.
        package var maximumAnswers: Int
        /// Files asked about at once; more pass unchecked, because a message must not wait for its turn to be checked.
        package var maximumChecks: Int

        package init(
            memory: Duration = .seconds(300),
            timeout: Duration = .seconds(5),
            maximumAnswers: Int = 4096,
            maximumChecks: Int = 64
        ) {
            self.memory = memory
            self.timeout = timeout
            self.maximumAnswers = maximumAnswers
            self.maximumChecks = maximumChecks
        }
    }

    /// Longer URLs pass unchecked: they would fill the memory.
    private static let longestURL = 2048

    private let settings: Settings
    private let probe: MediaProbe
    private let client: HTTPClient
    private let now: @Sendable () -> Int64
    private var answers: AnswerMemory
    private var checks: [MediaFile: Task<MediaFinding, Never>] = [:]

    /// - Parameters:
    ///   - reactor: Where names are asked for and connections live.
    ///   - tls: What `https` servers are judged by; nil for what the system trusts.
    ///   - allowsPrivateHosts: True only where media is served from this machine or a private network, for tests.
    ///   - now: Nanoseconds on the monotonic clock, for how long answers are kept.
    package init(
        reactor: Reactor,
        tls: TLSContext? = nil,
        allowsPrivateHosts: Bool = false,
        settings: Settings = Settings(),
        resolver: any HostResolver = SystemResolver(),
        now: @escaping @Sendable () -> Int64 = Reactor.monotonicNow
    ) {
        let policy = AddressPolicy(allowsPrivateHosts: allowsPrivateHosts)
        self.init(reactor: reactor, tls: tls, policy: policy, settings: settings, resolver: resolver, now: now)
    }

    init(
        reactor: Reactor,
        tls: TLSContext? = nil,
        policy: AddressPolicy,
        settings: Settings = Settings(),
        resolver: any HostResolver,
        now: @escaping @Sendable () -> Int64 = Reactor.monotonicNow
    ) {
        self.settings = settings
        self.now = now
        answers = AnswerMemory(capacity: settings.maximumAnswers)
        var clientSettings = HTTPClientSettings(resolver: resolver)
        clientSettings.connectTimeout = settings.timeout
        clientSettings.responseTimeout = settings.timeout
        clientSettings.idleTimeout = .seconds(2)
        clientSettings.tls = tls
        client = HTTPClient(reactor: reactor, settings: clientSettings)
        probe = MediaProbe(reactor: reactor, client: client, resolver: resolver, policy: policy)
    }

    /// Checks the media of one request, all at once.
    ///
    /// - Returns: An error of category `media` with one violation per file that Graph would refuse; nil where nothing
    ///   certain speaks against them.
    package func check(_ media: [MediaReference]) async -> SendError? {
        let findings = await withTaskGroup(of: (Int, MediaFinding).self) { group -> [Int: MediaFinding] in
            for (index, reference) in media.enumerated() {
                group.addTask { (index, await self.finding(for: MediaFile(reference))) }
            }
            var findings: [Int: MediaFinding] = [:]
            for await (index, finding) in group { findings[index] = finding }
            return findings
        }
        let violations = media.indices.compactMap { index -> Violation? in
            guard case .refused(let rule, let message) = findings[index] else { return nil }
            return Violation(
                field: media[index].field,
                rule: rule.rawValue,
                message: "\(media[index].kind.rawValue) \(message)"
            )
        }
        guard let first = violations.first else { return nil }
        return SendError(category: .media, message: first.message, violations: violations)
    }

    /// Judges `https` servers by another context from now on.
    package nonisolated func replaceTLS(_ context: TLSContext) { client.replaceTLS(context) }

    /// Closes all connections. Checks that run end as passed.
    package func shutdown() async {
        await client.shutdown()
    }

    /// Many messages with the same file cost one check.
    private func finding(for file: MediaFile) async -> MediaFinding {
        guard file.url.utf8.count <= Self.longestURL else { return .inconclusive }
        if let known = answers.finding(for: file, at: now()) { return known }
        if let running = checks[file] { return await running.value }
        guard checks.count < settings.maximumChecks else { return .inconclusive }
        let check = Task { [probe, settings] in
            await probe.finding(for: file, deadline: Reactor.monotonicNow() + settings.timeout.nanoseconds)
        }
        checks[file] = check
        let finding = await check.value
        checks[file] = nil
        answers.remember(finding, for: file, until: now() + settings.memory.nanoseconds)
        return finding
    }
}

/// A file to ask about, wherever it stands in a request.
struct MediaFile: Sendable, Hashable {
    var kind: MediaReference.Kind
    var url: String
}

extension MediaFile {
    init(_ reference: MediaReference) {
        self.init(kind: reference.kind, url: reference.url)
    }
}

/// The latest answers, a bounded number of them. Times are nanoseconds on the monotonic clock.
struct AnswerMemory {
    private var answers: [MediaFile: (finding: MediaFinding, expiry: Int64)] = [:]
    /// The files in the order their answers came, which is the order they expire in.
    private var order: [MediaFile] = []
    /// The number of entries at the front of `order` that are forgotten already.
    private var forgotten = 0
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = max(capacity, 1)
    }

    /// The number of answers that are kept.
    var count: Int { answers.count }

    /// The answer for a file, unless it is too old.
    func finding(for file: MediaFile, at time: Int64) -> MediaFinding? {
        guard let answer = answers[file], answer.expiry > time else { return nil }
        return answer.finding
    }

    /// Keeps an answer, and forgets the oldest where there are too many.
    mutating func remember(_ finding: MediaFinding, for file: MediaFile, until expiry: Int64) {
        if answers.updateValue((finding, expiry), forKey: file) == nil {
            order.append(file)
        } else if let place = order[forgotten...].firstIndex(of: file) {
            order.remove(at: place)
            order.append(file)
        }
        if answers.count > capacity {
            answers[order[forgotten]] = nil
            forgotten += 1
        }
        if forgotten > capacity {
            order.removeFirst(forgotten)
            forgotten = 0
        }
    }
}
