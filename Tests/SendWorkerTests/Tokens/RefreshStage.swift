import Foundation
import InstagramMessaging
import Synchronization
import Telemetry

@testable import SendWorker

/// A refresher over a folder, an endpoint that answers as it is told, and a clock that stands still.
final class RefreshStage: Sendable {
    static let baseURL = "https://graph.instagram.com"
    static let start = Timestamp(millisecondsSinceEpoch: 1_800_000_000_000)

    let folder: TemporaryFolder
    let recorder = LogRecorder()
    private let asked = Mutex<[String]>([])
    private let counted = Mutex<[TokenRefresher.Outcome]>([])
    private let answer: @Sendable (AccessToken) -> RefreshAnswer
    private let clock: Clock
    private let repetitions: RepetitionLimiter

    private final class Clock: Sendable {
        private let moment = Mutex(RefreshStage.start)

        var now: Timestamp { moment.withLock(\.self) }

        func advance(days: Double) {
            moment.withLock { $0 = $0.adding(milliseconds: Int64((days * 86_400_000).rounded())) }
        }
    }

    init(
        _ answer: @escaping @Sendable (AccessToken) -> RefreshAnswer = {
            .refreshed(AccessToken("\($0.revealed)R"), lifetime: 60 * 86_400)
        }
    ) throws {
        folder = try TemporaryFolder()
        self.answer = answer
        let clock = Clock()
        self.clock = clock
        repetitions = RepetitionLimiter(interval: TokenRefresher.repetitionInterval) {
            .milliseconds(clock.now.millisecondsSinceEpoch)
        }
    }

    var tokens: [String] { asked.withLock { $0 } }
    var outcomes: [TokenRefresher.Outcome] { counted.withLock { $0 } }
    var file: TokenFile { TokenFile(path: "\(folder.path)/tokens") }
    var directory: TokenDirectory { TokenDirectory(path: folder.path) }
    var text: String { (try? String(contentsOfFile: "\(folder.path)/tokens", encoding: .utf8)) ?? "" }

    /// What a replica that has just been started knows.
    var work: TokenRefresher.Work {
        TokenRefresher.Work(plan: RefreshPlan(refreshBefore: .seconds(7 * 86_400), baseURL: Self.baseURL))
    }

    static func moment(days: Int64) -> String { start.adding(milliseconds: days * 86_400_000).rfc3339 }

    func advance(days: Double) { clock.advance(days: days) }

    func refresher(_ place: any RefreshableTokens, during call: @escaping @Sendable () -> Void = {})
        -> TokenRefresher
    {
        TokenRefresher(
            place: place,
            refreshBefore: .seconds(7 * 86_400),
            baseURL: Self.baseURL,
            ask: { token, _ in
                self.asked.withLock { $0.append(token.revealed) }
                call()
                return self.answer(token)
            },
            now: { self.clock.now },
            pause: {},
            count: { outcome in self.counted.withLock { $0.append(outcome) } },
            repetitions: repetitions,
            logger: recorder.logger(level: .trace)
        )
    }

    /// So many steps of one replica.
    func run(_ place: any RefreshableTokens, steps: Int) async {
        var work = self.work
        for _ in 0..<steps { await refresher(place).step(&work) }
    }
}
