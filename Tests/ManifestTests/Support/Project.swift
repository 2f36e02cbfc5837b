import Foundation
import PythonTestSupport

/// The project's files that tests look at.
enum Project {
    /// The folder that holds Package.swift.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The schema as a tree of dictionaries and arrays.
    static func schema() throws -> [String: Any] {
        let data = try Data(contentsOf: root.appending(path: "functions.schema.json"))
        return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }

    /// A Python that has the jsonschema package; nothing where there is none.
    static let pythonWithJSONSchema = Python.having("jsonschema")
}
