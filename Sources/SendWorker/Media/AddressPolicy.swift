import InstagramMessaging

/// Where the preflight may send requests.
struct AddressPolicy: Sendable {
    /// True where everything is allowed.
    var allowsPrivateHosts = false
    /// Addresses that count as public although they are not, as long as a name leads there. This lets a test have a
    /// public server on this machine.
    var exceptions: Set<String> = []

    /// Whether a host may be asked, as far as the URL itself tells.
    func permits(_ host: WebHost) -> Bool {
        allowsPrivateHosts || host.isPublic
    }

    /// Whether an address may be connected to that a name has resolved to; without brackets.
    func permits(address: String) -> Bool {
        if allowsPrivateHosts || exceptions.contains(address) { return true }
        return WebHost(Substring(address.contains(":") ? "[\(address)]" : address))?.isPublic ?? false
    }
}
