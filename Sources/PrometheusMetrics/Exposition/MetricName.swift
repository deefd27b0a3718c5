/// The rules for names of metrics and labels.
enum MetricName {
    static func isValid(_ name: String) -> Bool {
        !name.isEmpty && name == sanitised(name)
    }

    /// The name with every character Prometheus does not take replaced by `_`; never empty.
    static func sanitised(_ name: String) -> String {
        sanitised(name, allowsColon: true)
    }

    /// Like a metric's name, but without colons. Names starting with `__` are Prometheus' own and lose one `_`.
    static func sanitisedLabel(_ name: String) -> String {
        var label = sanitised(name, allowsColon: false)
        while label.hasPrefix("__") { label.removeFirst() }
        return label
    }

    private static func sanitised(_ name: String, allowsColon: Bool) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(name.utf8.count + 1)
        for scalar in name.unicodeScalars {
            let allowed =
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "_": true
                case ":": allowsColon
                default: false
                }
            bytes.append(allowed ? UInt8(truncatingIfNeeded: scalar.value) : UInt8(ascii: "_"))
        }
        guard let first = bytes.first else { return "_" }
        if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) { bytes.insert(UInt8(ascii: "_"), at: 0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
