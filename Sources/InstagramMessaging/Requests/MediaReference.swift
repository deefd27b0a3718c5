/// A file that Graph will fetch for a message, so that it can be checked before the call is spent.
public struct MediaReference: Sendable, Hashable {
    /// What the file has to be.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case image
        case audio
        case video
        case file
    }

    public var kind: Kind
    /// An absolute `http` or `https` URL.
    public var url: String
    /// Where the URL stands in the request, as a JSON Pointer.
    public var field: String

    /// Creates a reference.
    public init(kind: Kind, url: String, field: String) {
        self.kind = kind
        self.url = url
        self.field = field
    }
}
