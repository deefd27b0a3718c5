package import HTTPCodec

/// The routes that are served: pairs of a method and a path, each with whatever the server's owner calls that route.
package struct RouteTable<Route: Sendable>: Sendable {
    /// A route that was found.
    package struct Match: Sendable {
        package let route: Route
        /// The texts that stood where the pattern has a parameter, in order.
        package let parameters: [String]
    }

    private enum Part: Sendable {
        case name(String)
        case parameter
    }

    private var entries: [(method: HTTPMethod, parts: [Part], route: Route)] = []

    package init() {}

    /// Adds a route. A segment of the pattern that begins with a colon stands for any one that is not empty.
    package mutating func add(_ method: HTTPMethod, _ pattern: String, _ route: Route) {
        let parts = pattern.dropFirst().split(separator: "/").map { part in
            part.first == ":" ? Part.parameter : .name(String(part))
        }
        entries.append((method, parts, route))
    }

    /// The first route for a method and a decoded path, whose last slash does not count. `HEAD` finds what `GET` does.
    package func match(_ method: HTTPMethod, _ path: String) -> Match? {
        guard path.first == "/" else { return nil }
        var segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        if segments.last?.isEmpty ?? false { segments.removeLast() }
        let wanted = method == .head ? .get : method
        for entry in entries where entry.method == wanted && entry.parts.count == segments.count {
            if let parameters = Self.parameters(entry.parts, segments) {
                return Match(route: entry.route, parameters: parameters)
            }
        }
        return nil
    }

    private static func parameters(_ parts: [Part], _ segments: ArraySlice<Substring>) -> [String]? {
        var parameters: [String] = []
        for (part, segment) in zip(parts, segments) {
            switch part {
            case .name(let name): guard name == segment else { return nil }
            case .parameter:
                guard !segment.isEmpty else { return nil }
                parameters.append(String(segment))
            }
        }
        return parameters
    }
}
