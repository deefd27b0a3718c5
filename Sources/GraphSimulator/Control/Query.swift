import Hummingbird

/// The query of a control request.
struct Query {
    private var values: [String: String] = [:]

    /// Throws where a parameter is not one of those accepted or occurs twice.
    init(_ request: Request, accepts names: [String]) throws(ControlError) {
        for (name, value) in request.uri.queryParameters {
            guard names.contains(String(name)) else {
                throw ControlError("parameter \"\(name)\" is not known; accepted are \(names.joined(separator: ", "))")
            }
            guard values.updateValue(String(value), forKey: String(name)) == nil else {
                throw ControlError("parameter \"\(name)\" is given twice; give it once")
            }
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
