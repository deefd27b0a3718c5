import Foundation
import SendWorker
import Testing

@testable import OperatorTools

@Suite struct TokenInspectionTests {
    @Test func `the check says whether refreshed tokens can be written back`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tokens-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var configuration = WorkerConfiguration()
        configuration.tokens.directory = folder.path
        #expect(TokenInspection(configuration).findings().count == 1)
        configuration.tokens.refresh = true
        #expect(TokenInspection(configuration).findings().last?.level == .ok)
        configuration.tokens.directory = "/proc"
        #expect(TokenInspection(configuration).findings().last?.text.contains("cannot be written") == true)
    }
}
