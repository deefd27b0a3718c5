/// The header `tracestate` of W3C Trace Context: what tracing systems say to themselves along the trace. Carried as it
/// came.
package struct TraceState: Sendable, Hashable {
    /// More members than W3C allows make the header invalid.
    private static let mostMembers = 32
    /// The length that W3C asks to be carried; of a longer header whole members are left out.
    private static let longest = 512
    /// Members longer than this are left out first.
    private static let longestFavoured = 128

    /// The header's value.
    package let text: String

    /// Reads a header, or several joined by commas; nil where it is empty or breaks W3C's rules.
    package init?(_ text: String) {
        let members = text.split(separator: ",").map { $0.trimmingSpace }.filter { !$0.isEmpty }
        guard !members.isEmpty, members.count <= Self.mostMembers else { return nil }
        var keys: Set<Substring> = []
        for member in members {
            guard let key = Self.key(of: member), keys.insert(key).inserted else { return nil }
        }
        guard text.utf8.count > Self.longest else {
            self.text = text
            return
        }
        guard let shortened = Self.shortened(members) else { return nil }
        self.text = shortened
    }

    /// The key of a well-formed member.
    private static func key(of member: Substring) -> Substring? {
        guard let sign = member.firstIndex(of: "=") else { return nil }
        let key = member[..<sign]
        let value = member[member.index(after: sign)...]
        let isKey = (1...256).contains(key.utf8.count) && key.utf8.allSatisfy(isAllowedInKey)
        let isValue = (1...256).contains(value.utf8.count) && value.utf8.allSatisfy(isAllowedInValue)
        guard isKey, isValue, let first = key.utf8.first, isLowercaseOrDigit(first) else { return nil }
        return key
    }

    private static func isLowercaseOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isAllowedInKey(_ byte: UInt8) -> Bool {
        isLowercaseOrDigit(byte) || "_-*/@".utf8.contains(byte)
    }

    private static func isAllowedInValue(_ byte: UInt8) -> Bool {
        (0x20...0x7E).contains(byte) && byte != UInt8(ascii: ",") && byte != UInt8(ascii: "=")
    }

    /// The members that fit, the newest (which stand first) before the older ones.
    private static func shortened(_ members: [Substring]) -> String? {
        var kept = members.filter { $0.utf8.count <= longestFavoured }
        while !kept.isEmpty {
            let text = kept.joined(separator: ",")
            if text.utf8.count <= longest { return text }
            kept.removeLast()
        }
        return nil
    }
}
