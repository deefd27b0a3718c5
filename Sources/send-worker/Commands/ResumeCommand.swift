import CommandLineParser
import OperatorTools
import SendWorker

/// `send-worker resume`: lets a paused worker send again.
struct ResumeCommand: Command {
    private static let admin = Option<String?>(
        "--admin",
        help: ParameterHelp("Where the worker's admin endpoints are.", valueName: "url")
    )

    static let declaration = CommandDeclaration(
        "resume",
        summary: "Let a worker send again that has paused because too many accounts cannot.",
        discussion: """
            A worker pauses when so many accounts fail that they must share the cause (safety.threshold). It makes probes and \
            goes on by itself once they are delivered; this command makes it go on at once. If the failures go on, it \
            pauses again.

            Each replica pauses by itself, so tell each. The token is that of the worker, admin.token, and is taken from the \
            environment (ADMIN_TOKEN) or the configuration file, so that it is not seen in the list of processes.
            """,
        parameters: [ConfigurationOptions.group, admin],
        command: ResumeCommand.init
    )

    private let options: ConfigurationOptions
    private let admin: String?

    init(_ values: ParsedValues) throws {
        options = ConfigurationOptions(values)
        admin = values[Self.admin]
        guard !options.settings.contains(where: { $0.hasPrefix("admin.token") }) else {
            throw UsageError(
                "admin.token on the command line can be seen by everybody on this machine; set ADMIN_TOKEN in the environment"
            )
        }
    }

    func run() async throws {
        let configuration = try options.load().configuration
        guard let token = configuration.admin.token else {
            throw WorkerFailure(
                .configuration,
                "admin.token is not set; set it to the worker's own: ADMIN_TOKEN in the environment, or the file of --config"
            )
        }
        let base = admin ?? RemoteWorker.base(of: configuration.admin)
        let resumption = try await RemoteWorker(base: base).resume(token: token)
        try Terminal.writeLines([Self.account(of: resumption, at: base)])
    }

    private static func account(of resumption: RemoteWorker.Resumption, at base: String) -> String {
        guard resumption.before.isPaused else {
            return "\(base) was not paused; what it had counted is forgotten"
        }
        return "\(base) goes on after a pause since \(resumption.before.since ?? "an unknown time")"
    }
}
