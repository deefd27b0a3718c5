import InstagramMessaging

/// All findings, ready to be shown.
package struct InspectionReport: Sendable, Hashable {
    package let findings: [Finding]

    init(_ findings: [Finding]) {
        self.findings = findings
    }

    /// 0 where nothing is a problem, 2 where something has to be put right first, 1 where all that is wrong is that
    /// something does not answer.
    package var exitCode: Int32 {
        let kinds = findings.compactMap(\.kind)
        if kinds.isEmpty { return 0 }
        let isMisconfigured = kinds.contains(.configuration)
        return (isMisconfigured ? WorkerFailure.Kind.configuration : .failed).rawValue
    }

    /// A line for each finding: level, area, what was found, and what to do about it.
    package var text: String {
        let width = Finding.Area.allCases.map(\.rawValue.count).max() ?? 0
        return findings.map { finding in
            let level = finding.level.rawValue
            let area = finding.area.rawValue
            let remedy = finding.remedy.map { "; remedy: \(Self.onOneLine($0))" } ?? ""
            return level + String(repeating: " ", count: 9 - level.count)
                + area + String(repeating: " ", count: width + 2 - area.count)
                + Self.onOneLine(finding.text) + remedy + "\n"
        }.joined()
    }

    /// The same as a JSON object: `exit_code` and `findings`.
    package var json: String {
        var json = JSONWriter()
        json.beginObject()
        json.member("exit_code", Int(exitCode))
        json.name("findings")
        json.beginArray()
        for finding in findings {
            json.beginObject()
            json.member("level", finding.level.rawValue)
            json.member("area", finding.area.rawValue)
            json.member("text", finding.text)
            json.member("remedy", orNull: finding.remedy)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self) + "\n"
    }

    /// What brokers and servers say may have line breaks.
    private static func onOneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
