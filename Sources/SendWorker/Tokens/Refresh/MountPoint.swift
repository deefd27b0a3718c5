import FoundationEssentials

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Tells a file that is mounted by itself, as containers and service managers do with single files. It can be written,
/// but no other file can take its place.
enum MountPoint {
    static func isOne(_ path: String, in folder: String) -> Bool {
        var (file, parent) = (stat(), stat())
        guard stat(path, &file) == 0, stat(folder, &parent) == 0 else { return false }
        if file.st_dev != parent.st_dev { return true }
        // A mount within one file system shows in the kernel's list alone; without one there is nothing more to know.
        guard let list = try? Data(contentsOf: URL(filePath: "/proc/self/mountinfo")),
            let real = realpath(path, nil)
        else { return false }
        defer { free(real) }
        return isListed(String(cString: real), in: String(decoding: list, as: UTF8.self))
    }

    /// - Parameters:
    ///   - path: Absolute and without links.
    ///   - list: What Linux writes into `mountinfo`: the mount's place is the fifth field of a line.
    static func isListed(_ path: String, in list: String) -> Bool {
        let escaped = path.unicodeScalars.map(escape).joined()
        return list.split(separator: "\n").contains { line in
            line.split(separator: " ", maxSplits: 5).dropFirst(4).first.map(String.init) == escaped
        }
    }

    private static func escape(_ character: Unicode.Scalar) -> String {
        switch character {
        case "\t": "\\011"
        case "\n": "\\012"
        case " ": "\\040"
        case "\\": "\\134"
        default: String(character)
        }
    }
}
