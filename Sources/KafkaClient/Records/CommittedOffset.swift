/// An offset that a group has committed, and what whoever committed it left beside it.
package struct CommittedOffset: Sendable, Hashable {
    package var offset: Int64
    /// Empty where nothing was left.
    package var metadata: String

    package init(offset: Int64, metadata: String = "") {
        self.offset = offset
        self.metadata = metadata
    }
}
