import Foundation
import Testing
import YAML

/// The fuzzer's seeds, cut and damaged: each is read, or refused with a place in it.
@Suite(.timeLimit(.minutes(2))) struct YAMLDamageTests {
    private static func seeds() throws -> [[UInt8]] {
        let tests = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let folder = tests.appending(path: "Fuzz/corpus-yaml")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            .map { Array(try Data(contentsOf: folder.appending(path: $0))) }.filter { $0.count < 1_000 }
    }

    private static func check(_ bytes: [UInt8]) {
        do throws(YAMLError) {
            let document = try YAMLDocument(bytes)
            #expect(document.source == bytes)
        } catch {
            let lines = bytes.count { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") || $0 > 0x7f }
            #expect((1...lines + 2).contains(error.place.line) && error.place.column >= 1, "\(error)")
        }
    }

    @Test func isReadOrRefusedWhereverItIsCut() throws {
        let seeds = try Self.seeds()
        #expect(seeds.count > 10)
        for seed in seeds {
            for count in 0...seed.count { Self.check(Array(seed.prefix(count))) }
        }
    }

    @Test func isReadOrRefusedWhateverByteIsAnother() throws {
        var generator = SystemRandomNumberGenerator()
        for seed in try Self.seeds() {
            for offset in seed.indices {
                var damaged = seed
                damaged[offset] = Array("\u{0}\t\n\r \"#&'*,-:<>?[]|{}~é".utf8).randomElement(using: &generator) ?? 0
                Self.check(damaged)
            }
        }
    }
}
