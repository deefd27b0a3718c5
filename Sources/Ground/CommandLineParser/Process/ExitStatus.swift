/// The end of a process whose output has said all there is to say.
package struct ExitStatus: Error, Hashable, Sendable {
    package let code: Int32

    package init(_ code: Int32) { self.code = code }

    package static let failure = ExitStatus(1)
    package static let badUsage = ExitStatus(2)
}
