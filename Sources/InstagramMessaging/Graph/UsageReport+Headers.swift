extension UsageReport {
    private static let longestHeader = 65_536
    private static let highestNumber = 1_000_000.0

    /// Budgets of other products, which say nothing of messages.
    private static let otherProducts: Set = ["custom_audience", "leadgen", "pages", "whatsapp"]
    private static let familiesOfOtherProducts = ["ads_", "catalog_"]

    /// Reads an answer's `X-App-Usage` or `X-Business-Use-Case-Usage` and takes the worst of everything it says.
    ///
    /// Both hold JSON: the one, of the application, an object with percentages; the other, of the account, an object of
    /// lists of such objects, with a `type` and `estimated_time_to_regain_access` in minutes. Numbers may come as strings,
    /// unknown members are skipped, and a header that is not JSON, or only of other products' budgets, says nothing: nil.
    public init?(header: String?) {
        guard let header, header.utf8.count <= Self.longestHeader,
            let value = try? JSONReader.read(Array(header.utf8))
        else { return nil }
        var highest: Int?
        var regain: Int?
        Self.collect(value, highest: &highest, regain: &regain)
        guard highest != nil || regain != nil else { return nil }
        self.init(highestPercent: highest ?? 0, regainMinutes: regain)
    }

    private static func collect(_ value: JSONValue, highest: inout Int?, regain: inout Int?) {
        for element in value.array ?? [] { collect(element, highest: &highest, regain: &regain) }
        let members = value.members ?? []
        if let type = members.first(where: { $0.name == "type" })?.value.string, isOfOtherProduct(type) { return }
        for member in members {
            switch member.name {
            case "call_count", "total_time", "total_cputime":
                if let percent = number(member.value) { highest = max(highest ?? 0, percent) }
            case "estimated_time_to_regain_access":
                if let minutes = number(member.value) { regain = max(regain ?? 0, minutes) }
            default:
                collect(member.value, highest: &highest, regain: &regain)
            }
        }
    }

    private static func isOfOtherProduct(_ type: String) -> Bool {
        otherProducts.contains(type) || familiesOfOtherProducts.contains { type.hasPrefix($0) }
    }

    /// A number or a string that holds one, rounded up, from 0 to a million.
    private static func number(_ value: JSONValue) -> Int? {
        let text: String
        switch value.content {
        case .number(let digits), .string(let digits): text = digits
        default: return nil
        }
        guard let number = Double(text), !number.isNaN else { return nil }
        let bounded = min(max(number, 0), highestNumber)
        let whole = Int(bounded)
        return Double(whole) < bounded ? whole + 1 : whole
    }
}
