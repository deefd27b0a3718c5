import Foundation

/// The example files of the `schemas` folder, which other programs copy from.
enum SchemaExamples {
    struct File: Sendable, CustomStringConvertible {
        var name: String
        var bytes: [UInt8]

        var description: String { name }
    }

    /// The JSON files of `schemas/examples/<folder>`, by name.
    static func files(in folder: String) throws -> [File] {
        let directory = root.appending(path: "schemas/examples/\(folder)")
        return try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
            .map { File(name: $0.lastPathComponent, bytes: [UInt8](try Data(contentsOf: $0))) }
    }

    /// The bytes of a file in `schemas`.
    static func data(ofSchema name: String) throws -> Data {
        try Data(contentsOf: url(ofSchema: name))
    }

    /// Where a file of `schemas` is.
    static func url(ofSchema name: String) -> URL { root.appending(path: "schemas/\(name)") }

    /// A file of the package's folder.
    static func url(ofFile name: String) -> URL { root.appending(path: name) }

    /// The package's folder. Links are resolved, so that it is found from a checkout that shares its sources.
    private static var root: URL {
        URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }
}

/// A JSON Schema of the `schemas` folder, to compare its words with the code's.
struct SchemaDocument {
    private let content: Any

    init(_ name: String) throws {
        content = try JSONSerialization.jsonObject(with: SchemaExamples.data(ofSchema: name))
    }

    /// The strings of the array at that path.
    func words(_ path: [String]) -> Set<String> { Set(value(path) as? [String] ?? []) }

    /// The member names of the object at that path.
    func names(_ path: [String]) -> [String] { (value(path) as? [String: Any])?.keys.sorted() ?? [] }

    func value(_ path: [String]) -> Any? {
        path.reduce(content as Any?) { ($0 as? [String: Any])?[$1] }
    }
}
