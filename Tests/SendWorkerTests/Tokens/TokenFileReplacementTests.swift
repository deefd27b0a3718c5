import Foundation
import Testing

@testable import SendWorker

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

@Suite(.timeLimit(.minutes(1)))
struct TokenFileReplacementTests {
    private static let words = "the file is a mount of its own; mount its folder instead"

    @Test func `a mount is no file that can be replaced, and the check says so`() throws {
        // Another file system than the folder it is in, on every system that has this suite.
        let error = try #require(throws: FileReplacementError.self) { try FileReplacement(of: "/dev").probe() }
        #expect(error.description.hasSuffix(Self.words), "\(error)")
    }

    @Test func `a file in a folder that can be written can be replaced, and nothing is left of trying`() throws {
        let folder = try TemporaryFolder()
        try folder.write("{}", to: "tokens")
        try FileReplacement(of: "\(folder.path)/tokens").probe()
        try FileReplacement(of: "\(folder.path)/absent").probe()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["tokens"])
    }

    @Test(arguments: [EBUSY, EXDEV])
    func `what the system says of a mount says what to do`(code: Int32) {
        let error = FileReplacementError.refused(step: "cannot be put in its place", code: code)
        #expect(error.description == "cannot be put in its place: \(Self.words)")
    }

    @Test(arguments: [
        ("/run/tokens.json", true), ("/run/my tokens\\.json", true), ("/run/größe", true), ("/run", false),
        ("/run/tokens.jso", false), ("/dev/vda1", false), ("/srv/tokens.json", false),
    ])
    func `mounts within one file system are found in the list of the kernel`(path: String, isMount: Bool) {
        let list = #"""
            22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
            36 22 254:0 /srv/tokens.json /run/tokens.json rw,relatime shared:1 - ext4 /dev/vda1 rw
            37 22 254:0 /srv/other /run/my\040tokens\134.json rw,relatime - ext4 /dev/vda1 rw
            38 22 254:0 /srv/other /run/größe rw,relatime - ext4 /dev/vda1 rw

            """#
        #expect(MountPoint.isListed(path, in: list) == isMount)
    }
}
