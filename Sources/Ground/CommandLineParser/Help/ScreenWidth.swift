#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The width of help.
package enum ScreenWidth {
    /// The width where there is no screen.
    package static let usual = 80
    /// Narrower than this, the column of explanations would hold a word a line.
    package static let least = 40

    /// A width in columns: what `COLUMNS` says where that is a number above zero, else the terminal's, else the usual one;
    /// never less than the least.
    package static func columns(variable: String?, terminal: Int?) -> Int {
        let wanted = variable.flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        return max(wanted ?? terminal.flatMap { $0 > 0 ? $0 : nil } ?? usual, least)
    }

    /// The columns of the terminal behind a descriptor; nil where it is none.
    package static func terminal(behind descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
        return Int(size.ws_col)
    }
}
