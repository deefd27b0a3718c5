extension Double {
    /// With that many digits after the point and commas between thousands.
    func text(digits: Int = 0) -> String {
        guard isFinite else { return "-" }
        var scale: Int64 = 1
        for _ in 0..<digits { scale *= 10 }
        let rounded = Int64((magnitude * Double(scale)).rounded())
        let sign = self < 0 && rounded > 0 ? "-" : ""
        let whole = (rounded / scale).grouped
        guard digits > 0 else { return sign + whole }
        let rest = String(rounded % scale)
        return "\(sign)\(whole).\(String(repeating: "0", count: digits - rest.count))\(rest)"
    }
}

extension Optional where Wrapped == Double {
    /// As for a number; "n/a" where there is none.
    func text(digits: Int = 0) -> String { map { $0.text(digits: digits) } ?? "n/a" }
}

extension BinaryInteger {
    /// With commas between thousands.
    var grouped: String {
        let digits = Array(String(magnitude))
        var text = self < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }
}
