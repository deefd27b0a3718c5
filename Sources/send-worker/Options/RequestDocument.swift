import InstagramMessaging
import OperatorTools
import SendWorker

/// The requests of a file or of standard input: one JSON object, a JSON array of them, or one object per line (NDJSON).
struct RequestDocument {
    /// One request's bytes and where they stand.
    struct Entry {
        var bytes: [UInt8]
        /// For a person: `requests.ndjson:3`.
        var location: String
    }

    let entries: [Entry]

    /// Reads a file; `-` is standard input.
    ///
    /// - Throws: `WorkerFailure` where it cannot be read.
    init(path: String) throws {
        let name = path == "-" ? "standard input" : path
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try path == "-" ? FileBytes.contentsOfStandardInput() : FileBytes.contents(of: path)
        } catch {
            throw WorkerFailure(.configuration, "\(name) cannot be read: \(error)")
        }
        self.init(bytes: bytes, name: name)
    }

    init(bytes: [UInt8], name: String) {
        var reader = JSONReader(bytes)
        if let whole = try? reader.readDocument() {
            entries = Self.entries(of: whole, bytes: bytes, name: name)
        } else {
            entries = Self.lines(of: bytes, name: name)
        }
    }

    private static func entries(of whole: JSONValue, bytes: [UInt8], name: String) -> [Entry] {
        guard let elements = whole.array else {
            return [Entry(bytes: Array(bytes[whole.range]), location: name)]
        }
        return elements.enumerated().map { index, element in
            Entry(bytes: Array(bytes[element.range]), location: "\(name)[\(index)]")
        }
    }

    private static func lines(of bytes: [UInt8], name: String) -> [Entry] {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated().compactMap {
            index,
            line in
            let isBlank = line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }
            return isBlank ? nil : Entry(bytes: Array(line), location: "\(name):\(index + 1)")
        }
    }
}

/// The complaints about a request, a line for every broken rule.
enum RequestComplaints {
    /// Nothing for a request that keeps the rules.
    static func lines(_ verdict: RequestVerdict, at location: String) -> [String] {
        guard case .rejected(let rejected) = verdict else { return [] }
        let name = rejected.requestID.map { " (\($0))" } ?? ""
        guard !rejected.error.violations.isEmpty else { return ["\(location)\(name): \(rejected.error.message)"] }
        return rejected.error.violations.map { violation in
            let field = violation.field.isEmpty ? "" : "\(violation.field): "
            return "\(location)\(name): \(field)\(violation.message) [\(violation.rule)]"
        }
    }
}
