import InstagramMessaging

/// The refusals of places from which Graph cannot fetch a file. Their sentences name hosts and addresses but no URL: a URL
/// may hold a signature that opens a private file.
extension MediaFinding {
    private static let advice = "Graph cannot fetch it there: serve it from a host on the public internet"

    /// The host itself says that it is not on the public internet.
    static func privateHost(_ host: String, isRedirect: Bool) -> MediaFinding {
        let place = isRedirect ? "is redirected to" : "is on"
        return .refused(
            rule: isRedirect ? .mediaPrivateAddress : .urlPrivateHost,
            message: "\(place) \(host), a loopback, link-local, private or reserved host; \(advice)"
        )
    }

    /// The host's name resolves to an address that is not on the public internet.
    static func privateAddress(_ address: String, of host: String, isRedirect: Bool) -> MediaFinding {
        let place = isRedirect ? "is redirected to" : "is on"
        return .refused(
            rule: .mediaPrivateAddress,
            message: "\(place) \(host), which resolves to \(address), a loopback, link-local, private or reserved"
                + " address; \(advice)"
        )
    }

    /// The URL has another scheme than the two that Graph fetches.
    static func scheme(_ scheme: String, isRedirect: Bool) -> MediaFinding {
        let place = isRedirect ? "is redirected to a URL" : "has a URL"
        return .refused(
            rule: isRedirect ? .mediaRedirectScheme : .urlScheme,
            message: "\(place) with the scheme \"\(scheme.prefix(16))\"; only http and https can be fetched: "
                + (isRedirect ? "redirect it to such a URL" : "use such a URL")
        )
    }
}
