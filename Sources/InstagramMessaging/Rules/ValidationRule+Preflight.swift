extension ValidationRule {
    /// The rules that only the worker checks, and only with `media.preflight`: the servers of the files have to be asked.
    package static let preflightRules: [ValidationRule] = [
        ValidationRule(
            .mediaPrivateAddress,
            "A file is on the public internet: no address that its host's name resolves to, and no host that it is"
                + " redirected to, is loopback, link-local, private or reserved. Asked for by the preflight.",
            limit: "every address, on every hop",
            source: RuleSource.preflight
        ),
        ValidationRule(
            .mediaRedirectScheme,
            "A file is redirected to http:// and https:// URLs only. Asked for by the preflight.",
            source: RuleSource.preflight
        ),
        ValidationRule(
            .mediaType,
            "A file is served as one of the types that its kind takes; a missing or general type passes. Asked for by the"
                + " preflight.",
            limit: MediaExtensions.summary,
            source: RuleSource.media
        ),
        ValidationRule(
            .mediaSize,
            "A file is not too large, as far as its server tells. Asked for by the preflight.",
            limit: MediaReference.Kind.allCases
                .map { "\($0.rawValue): \(MessageLimits.mediaBytes(of: $0)) bytes" }
                .joined(separator: "; "),
            source: RuleSource.media
        ),
    ]
}
