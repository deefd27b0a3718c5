import HTTPCodec
import Testing

@testable import HTTP

@Suite struct RouteTableTests {
    private func found(_ method: HTTPMethod, _ path: String) -> String? {
        var routes = RouteTable<String>()
        routes.add(.get, "/", "root")
        routes.add(.get, "/healthz", "health")
        routes.add(.post, "/faults", "set")
        routes.add(.delete, "/faults/:id", "remove")
        return routes.match(method, path).map {
            ([$0.route] + $0.parameters).joined(separator: " ")
        }
    }

    @Test(arguments: [
        (HTTPMethod.get, "/", "root"), (.get, "/healthz", "health"),
        (.get, "/healthz/", "health"), (.head, "/healthz", "health"), (.post, "/faults", "set"),
        (.delete, "/faults/7", "remove 7"), (.delete, "/faults/7/", "remove 7"),
    ])
    func findsTheRouteOfAMethodAndAPath(_ method: HTTPMethod, _ path: String, route: String) {
        #expect(found(method, path) == route)
    }

    @Test(arguments: [
        (HTTPMethod.get, "/nothing"), (.get, "/healthz/x"), (.get, "//healthz"), (.get, "/healthz//"),
        (.post, "/healthz"), (.head, "/faults"), (.delete, "/faults//"), (.get, "healthz"),
        (HTTPMethod(rawValue: "get"), "/healthz"), (.options, "*"), (.get, ""),
    ])
    func findsNothingElse(_ method: HTTPMethod, _ path: String) {
        #expect(found(method, path) == nil)
    }
}
