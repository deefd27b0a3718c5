import CommandLineParser
import HTTP
import OpenSSL
import Reactor

/// `benchmarks http-client`: what one call of the HTTP client costs.
struct HTTPClientCommand: Command {
    private static let url = Option<String>(
        "--url",
        help: ParameterHelp("Where the calls go; it answers 200.", valueName: "url")
    )
    private static let inFlight = Option("--in-flight", default: 64, help: "Calls at once, 1 to 20000.")
    private static let calls = Option("--calls", default: 100_000, help: "Calls that are measured, 1 to 100000000.")
    private static let caFile = Option<String?>(
        "--ca",
        help: ParameterHelp("A PEM file of certificates to trust beside the system's.", valueName: "file"),
        completion: .files()
    )

    static let declaration = CommandDeclaration(
        "http-client",
        summary: "Processor time of one call of the HTTP client, the kernel's work for it included.",
        discussion: """
            Keeps so many calls in flight over as many connections. Until all of these are open and have carried two \
            calls each on average, nothing is measured. Prints one line of JSON. make bench-http runs it beside a bare client in C.
            """,
        parameters: [url, inFlight, calls, caFile],
        command: HTTPClientCommand.init
    )

    private let origin: HTTPOrigin
    private let target: String
    private let inFlight: Int
    private let calls: Int
    private let caFile: String?

    init(_ values: ParsedValues) throws {
        guard let url = HTTPURL(values[Self.url]) else {
            throw UsageError("--url is no http or https URL; write http://127.0.0.1:8080/messages")
        }
        origin = url.origin
        target = url.target
        inFlight = values[Self.inFlight]
        calls = values[Self.calls]
        caFile = values[Self.caFile]
        guard (1...20_000).contains(inFlight) else { throw UsageError("--in-flight is 1 to 20000, not \(inFlight)") }
        guard (1...100_000_000).contains(calls) else { throw UsageError("--calls is 1 to 100000000, not \(calls)") }
    }

    func run() async throws {
        var settings = HTTPClientSettings()
        settings.maxConnections = inFlight
        settings.connectTimeout = .seconds(30)
        if origin.scheme == .https { settings.tls = try TLSContext.client(caFile: caFile) }
        let reactor = try Reactor(name: "http-client")
        let report = await withCheckedContinuation { continuation in
            reactor.execute { [settings] in
                let pool = HTTPConnectionPool(reactor: reactor, origin: origin, settings: settings)
                HTTPClientLoad(pool: pool, request: request, inFlight: inFlight, calls: calls) {
                    continuation.resume(returning: $0)
                }.begin()
            }
        }
        await reactor.shutdown()
        print(report.json)
        if let words = report.firstFailure { throw CallsFailed(count: report.unknown, words: words) }
    }

    private struct CallsFailed: Error, CustomStringConvertible {
        var count: Int
        var words: String

        var description: String { "\(count) calls ended without an answer; the first one: \(words)" }
    }

    /// A request as the worker makes it.
    private var request: [UInt8] {
        let body = #"{"recipient":{"id": "777"},"message":{"text": "Hello #texttraced# how are you?"}}"#
        let head = [
            "POST \(target) HTTP/1.1", "Host: \(origin.hostHeader)",
            "Authorization: Bearer IGAAtoken17841400000000000SECRET", "Content-Type: application/json",
            "Accept: application/json", "User-Agent: instagram-send-worker", "Content-Length: \(body.utf8.count)",
        ]
        return Array((head.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }
}
