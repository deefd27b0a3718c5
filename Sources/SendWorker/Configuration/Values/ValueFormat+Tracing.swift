import Telemetry

extension ValueFormat<String> {
    /// The base URL of a collector.
    static var collectorURL: Self {
        let base = baseURL(example: "http://localhost:4318")
        return ValueFormat(
            typeName: base.typeName,
            accepted: base.accepted,
            parse: { text in
                guard case .success(let url) = base.parse(text), url.hasSuffix("/v1/traces") else {
                    return base.parse(text)
                }
                return .failure(ValueRefusal("ends with /v1/traces, which the worker adds by itself; leave it out"))
            },
            show: base.show
        )
    }
}

extension ValueFormat<SecretText> {
    /// HTTP headers in one text.
    static var headers: Self {
        let accepted = "name=value, several divided by commas"
        return ValueFormat(
            typeName: "secret",
            accepted: accepted,
            parse: { text in
                let secret: SecretText
                switch SecretText.line(of: text) {
                case .success(let line): secret = line
                case .failure(let refusal): return .failure(refusal)
                }
                guard let members = HeaderList.parse(secret.revealed) else {
                    return .failure(ValueRefusal("is not a list of HTTP headers; write \(accepted)"))
                }
                guard !members.contains(where: { HeaderList.isReserved($0.0) }) else {
                    return .failure(ValueRefusal("names a header that the worker sets by itself; leave that out"))
                }
                return .success(secret)
            },
            show: { $0.description }
        )
    }
}
