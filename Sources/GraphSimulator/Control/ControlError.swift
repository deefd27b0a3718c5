import Hummingbird

/// A control request that cannot be done, with what is accepted.
struct ControlError: Error, Hashable {
    var message: String
    var status: HTTPResponse.Status

    init(_ message: String, status: HTTPResponse.Status = .badRequest) {
        self.message = message
        self.status = status
    }
}

/// Answers errors of the control interface as JSON.
struct ControlErrors<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as ControlError {
            return .json(.object(["error": .string(error.message)]), status: error.status)
        } catch let error as any HTTPResponseError {
            return .json(.object(["error": .string(Self.message(for: error.status, request))]), status: error.status)
        }
    }

    private static func message(for status: HTTPResponse.Status, _ request: Request) -> String {
        switch status {
        case .notFound:
            "\(request.method) \(request.uri.path) is not known; there are GET health, summary, calls, conversations, "
                + "faults; POST and PUT faults; DELETE faults and faults/{id}; POST reset, all under /_simulator/"
        case .contentTooLarge: "the body is too large; send at most 1 MiB"
        default: "\(request.method) \(request.uri.path) failed: \(status.reasonPhrase)"
        }
    }
}
