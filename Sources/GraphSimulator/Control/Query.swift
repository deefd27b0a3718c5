import HTTP
import HTTPCodec

/// The query of a control request.
struct Query {
    private var values: [String: String] = [:]

    /// Throws where a parameter is not one of those accepted or occurs twice.
    init(_ request: HTTPServerRequest, accepts names: [String]) throws(ControlError) {
        for (name, value) in try Self.pairs(request.query) {
            guard names.contains(name) else {
                throw ControlError("parameter \"\(name)\" is not known; accepted are \(names.joined(separator: ", "))")
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw ControlError("parameter \"\(name)\" is given twice; give it once")
            }
        }
    }

    private static func pairs(_ query: String) throws(ControlError) -> [(name: String, value: String)] {
        do {
            return try PercentEncoding.decodeQuery(query)
        } catch {
            throw ControlError("the query cannot be decoded: \(error)")
        }
    }

    subscript(name: String) -> String? { values[name] }

    func number(_ name: String) throws(ControlError) -> UInt64? {
        guard let value = values[name] else { return nil }
        guard let number = UInt64(value) else {
            throw ControlError("\(name)=\(value) is not a whole number of at least 0")
        }
        return number
    }
}
