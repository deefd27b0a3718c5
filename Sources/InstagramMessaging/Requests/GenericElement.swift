/// A card of a generic template: a title and at least one property besides it.
public struct GenericElement: Sendable, Hashable {
    /// 1 to 80 characters.
    public var title: String
    /// 1 to 80 characters.
    public var subtitle: String?
    /// An absolute `http` or `https` URL.
    public var imageURL: String?
    /// The web page that a tap on the card opens; an absolute `http` or `https` URL.
    public var defaultActionURL: String?
    /// Up to 3 buttons.
    public var buttons: [Button]

    /// Creates a card.
    public init(
        title: String,
        subtitle: String? = nil,
        imageURL: String? = nil,
        defaultActionURL: String? = nil,
        buttons: [Button] = []
    ) {
        self.title = title
        self.subtitle = subtitle
        self.imageURL = imageURL
        self.defaultActionURL = defaultActionURL
        self.buttons = buttons
    }
}
